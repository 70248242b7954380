/** A statechart as a picture: states in boxes, active ones filled and with a bold border, taken transitions with their number. */
import { clock } from '../model/format.js';
import type { PlacedArrow, PlacedState, Point } from '../layout/layout.js';
import { arrowKey, type Taken } from '../model/active-states.js';

interface Props {
  readonly placed: PlacedState;
  readonly active: ReadonlySet<string>;
  readonly taken: ReadonlyMap<string, Taken>;
  readonly label: string;
}

const LINE = 15;

export function ChartPicture({ placed, active, taken, label }: Props) {
  const [width, height] = [Math.ceil(placed.width) + 2, Math.ceil(placed.height) + 2];
  return (
    <div class="scrolls picture" tabIndex={0} role="region" aria-label={label}>
      <svg
        viewBox={`-1 -1 ${width} ${height}`}
        width={width}
        height={height}
        role="img"
        aria-label={label}
        style={{ minWidth: `${Math.min(width, 760)}px` }}
      >
        <defs>
          <marker
            id="tip"
            viewBox="0 0 8 8"
            refX="7"
            refY="4"
            markerWidth="8"
            markerHeight="8"
            orient="auto-start-reverse"
          >
            <path d="M0 0L8 4L0 8Z" class="tip" />
          </marker>
          <marker
            id="tip-taken"
            viewBox="0 0 8 8"
            refX="7"
            refY="4"
            markerWidth="7"
            markerHeight="7"
            orient="auto-start-reverse"
          >
            <path d="M0 0L8 4L0 8Z" class="tip taken" />
          </marker>
        </defs>
        <State placed={placed} active={active} taken={taken} isRoot />
      </svg>
    </div>
  );
}

type StateProps = Pick<Props, 'placed' | 'active' | 'taken'> & { readonly isRoot?: boolean };

function State({ placed, active, taken, isRoot = false }: StateProps) {
  const { state, x, y, width, height, children, arrows } = placed;
  const isActive = active.has(state.path);
  const isLeaf = children.length === 0;
  return (
    <g transform={`translate(${isRoot ? 0 : x} ${isRoot ? 0 : y})`} data-state={state.path} data-active={isActive}>
      <rect class={boxClass(isActive, isLeaf, isRoot)} width={width} height={height} rx={isLeaf ? 9 : 8} />
      {state.kind === 'final' ? <rect class="final" x={3} y={3} width={width - 6} height={height - 6} rx={6} /> : null}
      {isLeaf && state.isInitial ? <circle class="initial" cx={12} cy={height / 2} r={3.5} /> : null}
      {isLeaf && isActive ? <path class="mark" d={`M${width - 18} ${height / 2}l3.5 3.5l6-7`} /> : null}
      <text class={isLeaf ? 'name' : 'name outer'} x={isLeaf ? width / 2 : 12} y={isLeaf ? height / 2 + 5 : 20}>
        {state.name}
      </text>
      <title>{`${state.name}${isActive ? ' (active)' : ''}. ${state.description}`}</title>
      {arrows.map((arrow) => (
        <ArrowLine key={arrowKey(arrow)} arrow={arrow} isTaken={taken.has(arrowKey(arrow))} />
      ))}
      {children.map((child) => (
        <State key={child.state.path} placed={child} active={active} taken={taken} />
      ))}
      {arrows.map((arrow) => (
        <ArrowLabel key={arrowKey(arrow)} arrow={arrow} taken={taken.get(arrowKey(arrow))} />
      ))}
    </g>
  );
}

function boxClass(isActive: boolean, isLeaf: boolean, isRoot: boolean): string {
  if (isRoot) return 'box root';
  return `box${isLeaf ? '' : ' outer'}${isActive ? ' active' : ''}`;
}

function ArrowLine({ arrow, isTaken }: { readonly arrow: PlacedArrow; readonly isTaken: boolean }) {
  return (
    <path
      class={isTaken ? 'arrow taken' : 'arrow'}
      d={curveThrough(arrow.points)}
      marker-end={isTaken ? 'url(#tip-taken)' : 'url(#tip)'}
    />
  );
}

function ArrowLabel({ arrow, taken }: { readonly arrow: PlacedArrow; readonly taken: Taken | undefined }) {
  const { events, label } = arrow;
  const width = Math.max(...events.map((event) => event.length)) * 6.2 + 6;
  const top = label.y - (events.length * LINE) / 2;
  return (
    <g class={taken === undefined ? 'events-of' : 'events-of taken'}>
      <rect x={label.x - width / 2} y={top} width={width} height={events.length * LINE} rx={3} />
      {events.map((event, index) => (
        <text key={event} x={label.x} y={top + index * LINE + 11}>
          {event}
          {taken !== undefined && index === 0 ? ` ×${taken.times}` : ''}
        </text>
      ))}
      {taken === undefined ? null : <title>{`Taken ${taken.times} times, last at ${clock(taken.lastAt)}`}</title>}
    </g>
  );
}

/** A line through the points with rounded bends. */
export function curveThrough(points: readonly Point[]): string {
  const [first, ...rest] = points;
  if (first === undefined) return '';
  let path = `M${first.x.toFixed(1)} ${first.y.toFixed(1)}`;
  for (const [index, point] of rest.entries()) {
    const next = rest[index + 1];
    if (next === undefined) path += `L${point.x.toFixed(1)} ${point.y.toFixed(1)}`;
    else
      path += `Q${point.x.toFixed(1)} ${point.y.toFixed(1)} ${((point.x + next.x) / 2).toFixed(1)} ${((point.y + next.y) / 2).toFixed(1)}`;
  }
  return path;
}
