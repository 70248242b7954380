/** An emulated thermometer: replays the hourly normals of the temperature in Seattle, in °C, as events. */
import { EventEmitter } from 'node:events';
import { readSeries } from '../data/vega-series.js';

export interface SensorEvents {
  reading: [celsius: number];
}

/** Emits a reading every `intervalMs` from `start()` on until `stop()`; after the last hour of the year the first. */
export class Sensor extends EventEmitter<SensorEvents> {
  readonly #readings = readSeries('seattle-weather-hourly-normals.csv', 'temperature').values;
  readonly #intervalMs: number;
  #next = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(intervalMs: number) {
    super();
    this.#intervalMs = intervalMs;
  }

  start(): void {
    this.#timer ??= setInterval(() => this.#emitNext(), this.#intervalMs);
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #emitNext(): void {
    const celsius = this.#readings[this.#next % this.#readings.length];
    this.#next += 1;
    if (celsius !== undefined) this.emit('reading', celsius);
  }
}
