/**
 * The emulated instrument of the matrix pipeline: a thermometer in Seattle with one output channel per matrix, which
 * takes its time over every reading. What it delivers are real measurements: channel k is the autocovariance matrix of
 * the daily maximum temperatures in the k-th of as many overlapping windows as there are channels.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { readSeries } from '../data/vega-series.js';
import { autocovarianceMatrix } from './numeric.js';
import type { Settings } from './settings.js';

/** Days in one window: a little more than a year, so that each holds every season. */
const WINDOW_DAYS = 400;

/** Variance, in °C², of a thermometer that is good to half a degree; it keeps the matrices well conditioned. */
const NOISE_VARIANCE = 0.25;

export interface Instrument {
  /** How many days of measurements there are in all. */
  readonly days: number;
  /** First day of the window that `channel` covers. */
  startOf(channel: number): string;
  /** The matrix of `channel`, after the time that an acquisition takes. */
  readonly acquire: (channel: number) => Promise<Float64Array>;
}

/**
 * Opens the instrument.
 *
 * @throws RangeError when the series is too short for so many windows, or a window for so many lags.
 */
export function openInstrument({ matrices, order, acquisitionMs }: Settings): Instrument {
  const { dates, values } = readSeries('seattle-weather.csv', 'temp_max');
  const stepDays = Math.floor((values.length - WINDOW_DAYS) / matrices);
  if (stepDays < 1) throw new RangeError(`at most ${values.length - WINDOW_DAYS} matrices, got ${matrices}`);
  if (order > WINDOW_DAYS) throw new RangeError(`an order of at most ${WINDOW_DAYS}, got ${order}`);
  return {
    days: values.length,
    startOf: (channel) => dates[channel * stepDays] ?? '',
    acquire: async (channel) => {
      await wait(acquisitionMs);
      const start = channel * stepDays;
      return autocovarianceMatrix(values.subarray(start, start + WINDOW_DAYS), order, NOISE_VARIANCE);
    },
  };
}
