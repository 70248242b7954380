/** The messages of an actor as a sequence: a line of life for each party, an arrow for each message, newest first. */
import type { ActorMessage } from '../../../src/inspect/protocol/messages.js';
import { clock, many } from '../model/format.js';

const COLUMN = 150;
const TIME = 84;
const LINE = 34;
const HEAD = 28;
const STATE = 190;

interface Props {
  readonly messages: readonly ActorMessage[];
  readonly leftOut: number;
  readonly label: string;
}

export function Sequence({ messages, leftOut, label }: Props) {
  if (messages.length === 0) return <p class="muted">No message has come since this actor is watched.</p>;
  const parties = [...new Set(messages.flatMap(({ from, to }) => [from ?? 'outside', to]))];
  const xOf = (party: string): number => TIME + (parties.indexOf(party) + 0.5) * COLUMN;
  const [width, height] = [TIME + parties.length * COLUMN + STATE, HEAD + messages.length * LINE + 6];
  return (
    <>
      <div class="scrolls sequence" tabIndex={0} role="region" aria-label={label}>
        <svg width={width} height={height} viewBox={`0 0 ${width} ${height}`} role="img" aria-label={label}>
          {parties.map((party) => (
            <g key={party}>
              <line class="life" x1={xOf(party)} x2={xOf(party)} y1={HEAD - 4} y2={height} />
              <text class="party" x={xOf(party)} y={16}>
                {shortened(party)}
              </text>
            </g>
          ))}
          {messages.toReversed().map((message, index) => (
            <Arrow
              key={`${message.at} ${index}`}
              message={message}
              y={HEAD + index * LINE + 22}
              xOf={xOf}
              stateAt={TIME + parties.length * COLUMN}
            />
          ))}
        </svg>
      </div>
      {leftOut > 0 ? <p class="muted">{many(leftOut, 'older message')} not kept.</p> : null}
    </>
  );
}

const shortened = (text: string): string => (text.length > 22 ? `${text.slice(0, 21)}…` : text);

function Arrow(props: {
  readonly message: ActorMessage;
  readonly y: number;
  readonly xOf: (party: string) => number;
  readonly stateAt: number;
}) {
  const { message, y, xOf, stateAt } = props;
  const [from, to] = [xOf(message.from ?? 'outside'), xOf(message.to)];
  const isSelf = from === to;
  const path = isSelf ? `M${from} ${y - 8}h26v8h-22` : `M${from} ${y}L${to + (to > from ? -4 : 4)} ${y}`;
  const textX = isSelf ? from + 34 : (from + to) / 2;
  return (
    <g class={message.isTaken ? 'message' : 'message ignored'}>
      <text class="time" x={4} y={y + 4}>
        {clock(message.at)}
      </text>
      <path class="arrow" d={path} marker-end="url(#tip)" />
      <text class={isSelf ? 'type self' : 'type'} x={textX} y={y - 5}>
        {message.type}
      </text>
      <text class="after" x={stateAt + 8} y={y + 4}>
        {message.isTaken ? message.state : 'not taken'}
      </text>
    </g>
  );
}
