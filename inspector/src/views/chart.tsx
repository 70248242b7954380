/** A chart of lines over time by uPlot. Lines differ by colour and by dashes; the last values are there as text. */
import 'uplot/dist/uPlot.min.css';
import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import { isDark } from '../app/theme.js';
import { cssColour, FUNCTION_COLOURS, lightened } from '../draw/palette.js';

export interface Series {
  readonly name: string;
  readonly values: number[];
}

interface Props {
  readonly title: string;
  readonly unit: string;
  readonly seconds: number[];
  readonly series: readonly Series[];
}

const DASHES = [[], [6, 3], [2, 3], [8, 3, 2, 3], [12, 4], [4, 2, 1, 2]];
const HEIGHT = 150;

/** Lines on a dark ground are mixed with white. */
function colourOf(index: number, dark: boolean): string {
  const colour = FUNCTION_COLOURS[index % FUNCTION_COLOURS.length] ?? 0;
  return cssColour(dark ? lightened(colour) : colour);
}

const dashOf = (index: number): number[] => DASHES[index % DASHES.length] ?? [];

export function Chart({ title, unit, seconds, series }: Props) {
  const place = useRef<HTMLDivElement>(null);
  const chart = useRef<uPlot>();
  const dark = isDark.value;
  const names = series.map(({ name }) => name).join('|');
  useEffect(() => {
    const element = place.current;
    if (element === null) return undefined;
    const made = new uPlot(
      optionsOf(series, dark, element.clientWidth),
      [seconds, ...series.map(({ values }) => values)],
      element,
    );
    chart.current = made;
    const observer = new ResizeObserver(() => made.setSize({ width: element.clientWidth, height: HEIGHT }));
    observer.observe(element);
    return () => {
      observer.disconnect();
      made.destroy();
    };
  }, [names, dark]);
  useEffect(() => chart.current?.setData([seconds, ...series.map(({ values }) => values)]), [seconds, series]);
  return (
    <figure class="panel chart">
      <figcaption>{title}</figcaption>
      <div ref={place} class="plot" aria-hidden="true" />
      <ul class="key">
        {series.map(({ name, values }, index) => (
          <li key={name}>
            <svg width="26" height="8" aria-hidden="true">
              <line
                x1="1"
                y1="4"
                x2="25"
                y2="4"
                stroke={colourOf(index, dark)}
                stroke-width="2"
                stroke-dasharray={dashOf(index).join(' ')}
              />
            </svg>
            {name}{' '}
            <b>
              {rounded(values.at(-1) ?? 0)} {unit}
            </b>
          </li>
        ))}
      </ul>
    </figure>
  );
}

const rounded = (value: number): string => (Number.isInteger(value) ? String(value) : value.toFixed(1));

function optionsOf(series: readonly Series[], dark: boolean, width: number): uPlot.Options {
  const axis = {
    stroke: dark ? '#9fabba' : '#566273',
    grid: { stroke: dark ? '#2a323d' : '#e6e9ee', width: 1 },
    ticks: { show: false },
    font: '11px system-ui, sans-serif',
  };
  return {
    width,
    height: HEIGHT,
    legend: { show: false },
    cursor: { show: false },
    scales: { x: { time: false }, y: { range: (_, __, most) => [0, Math.max(1, most) * 1.08] } },
    axes: [
      { ...axis, size: 26, values: (_, splits) => splits.map((value) => `${value} s`) },
      { ...axis, size: 44 },
    ],
    series: [
      {},
      ...series.map(({ name }, index) => ({
        label: name,
        stroke: colourOf(index, dark),
        width: 1.5,
        dash: dashOf(index),
        points: { show: false },
      })),
    ],
  };
}
