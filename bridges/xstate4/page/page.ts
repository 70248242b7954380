/**
 * A small viewer for what a receiver of @xstate/inspect tells: the actors, the chart of the chosen one with its active states marked, its
 * context, and the latest events. Nothing is ever sent but the receiver's own greeting.
 *
 * Invariants: what is shown is text, never markup; at most `MOST_EVENTS` events and `MOST_ENDED` ended actors are kept, and what is gone is
 * counted.
 */
import { createWebSocketReceiver, type ParsedReceiverEvent } from '@xstate/inspect';
import type { AnyState } from 'xstate';

/** What is read of a state node, which the types of XState give as any. */
interface ChartNode {
  readonly id: string;
  readonly key: string;
  readonly states: Readonly<Record<string, ChartNode>>;
  readonly transitions: readonly {
    readonly eventType: string;
    readonly cond?: { readonly name: string };
    readonly target?: readonly ChartNode[];
  }[];
}

interface Shown {
  readonly id: string;
  readonly machine: ChartNode;
  state: AnyState;
  hasStopped: boolean;
}

const MOST_EVENTS = 200;
const MOST_ENDED = 100;

const actors = new Map<string, Shown>();
const events: { readonly from: string; readonly name: string }[] = [];
let chosen: string | undefined;
let dropped = 0;
let isDue = false;

const receiver = createWebSocketReceiver({
  server: `${location.host}/events?${location.hash.slice(1)}`,
  serialize: undefined,
});
receiver.subscribe(
  (event) => {
    take(event);
    draw();
  },
  () => say('Not connected: start the example again, and open the address that it prints.'),
);

function take(event: ParsedReceiverEvent): void {
  const { sessionId } = event as { sessionId: string };
  const known = actors.get(sessionId);
  if (event.type === 'service.register') {
    actors.set(sessionId, {
      id: event.id,
      machine: event.machine as unknown as ChartNode,
      state: event.state,
      hasStopped: false,
    });
    chosen ??= sessionId;
  } else if (event.type === 'service.state' && known !== undefined) {
    known.state = event.state;
  } else if (event.type === 'service.stop' && known !== undefined) {
    known.hasStopped = true;
    const ended = [...actors].filter(([, { hasStopped }]) => hasStopped);
    for (const [id] of ended.slice(0, Math.max(0, ended.length - MOST_ENDED))) actors.delete(id);
  } else if (event.type === 'service.event') {
    events.unshift({ from: known?.id ?? sessionId, name: event.event.name });
    if (events.length > MOST_EVENTS) {
      events.pop();
      dropped += 1;
    }
  }
}

/** Draws with the next frame, however much has come until then. */
function draw(): void {
  if (isDue) return;
  isDue = true;
  requestAnimationFrame(() => {
    isDue = false;
    say(`${actors.size} actors`);
    place('actors').replaceChildren(...[...actors].map(([sessionId, actor]) => entryOf(sessionId, actor)));
    place('events').replaceChildren(
      ...events.map(({ from, name }) => element('li', {}, name, element('small', {}, ` to ${from}`))),
    );
    place('dropped').textContent = dropped === 0 ? '' : `and ${dropped} before these`;
    const actor = chosen === undefined ? undefined : actors.get(chosen);
    if (actor === undefined) return;
    place('name').textContent = actor.id;
    place('chart').replaceChildren(statesOf(actor.machine, new Set(activeIn(actor))));
    place('context').textContent = JSON.stringify(actor.state.context, undefined, 2);
  });
}

function entryOf(sessionId: string, { id, state, hasStopped }: Shown): HTMLElement {
  const current = { 'aria-current': String(sessionId === chosen) };
  const button = element(
    'button',
    { type: 'button', ...current },
    id,
    element('small', {}, wordsOf(state.value, hasStopped)),
  );
  button.addEventListener('click', () => {
    chosen = sessionId;
    draw();
  });
  return element('li', {}, button);
}

function wordsOf(value: unknown, hasStopped: boolean): string {
  const words =
    typeof value === 'string' ? value : JSON.stringify(value).replaceAll(/["{}]/g, '').replaceAll(/[:,]/g, '$& ');
  return hasStopped ? `${words} (ended)` : words;
}

function activeIn({ machine, state }: Shown): string[] {
  return state.toStrings().map((path) => `${machine.id}.${path}`);
}

function statesOf(node: ChartNode, active: ReadonlySet<string>): HTMLElement {
  const children = Object.values(node.states);
  return element(
    'ul',
    { class: 'states' },
    ...children.map((child) => {
      const isActive = active.has(child.id);
      const ways = child.transitions.map(({ eventType, cond, target }) => {
        const to = (target ?? [])
          .map(({ key, id }) => (target?.length === 1 ? key : id.replace(/^[^.]+\./, '')))
          .join(', ');
        return element(
          'li',
          {},
          `${eventType}${cond === undefined ? '' : ` [${cond.name}]`}${to === '' ? '' : ` → ${to}`}`,
        );
      });
      const name = element('strong', {}, isActive ? `● ${child.key}` : child.key);
      const inner = Object.keys(child.states).length === 0 ? [] : [statesOf(child, active)];
      const list = ways.length === 0 ? [] : [element('ul', { class: 'ways' }, ...ways)];
      return element('li', { class: isActive ? 'state active' : 'state' }, name, ...list, ...inner);
    }),
  );
}

function say(text: string): void {
  place('status').textContent = text;
}

function place(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`expected the page to have an element ${id}`);
  return found;
}

function element(name: string, attributes: Record<string, string>, ...children: (string | Node)[]): HTMLElement {
  const made = document.createElement(name);
  for (const [attribute, value] of Object.entries(attributes)) made.setAttribute(attribute, value);
  made.append(...children);
  return made;
}
