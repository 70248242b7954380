/**
 * The actor system in which a scheduler's actors are: its own, whose root is the scheduler's actor, or another actor's. It decides
 * how the cells of tasks and queues are run, and names their actors.
 */
import type { AnyActorRef, EventObject } from 'xstate';
import { ActorCells } from './actor-cells.js';
import type { CellKind, Cells, ChartCell, Interpreter } from './cells.js';
import { chartLogic } from './chart-logic.js';
import { CompiledCells } from './compiled-cells.js';
import type { Inspectors } from './inspectors.js';
import { machineLogic } from './machine-logic.js';

/** How a scheduler's engine reaches actors. @internal */
export interface ActorSystemPort {
  /** The scheduler's actor. */
  readonly root: AnyActorRef;
  /** The name under which the system finds the actor of that queue. */
  systemIdOf(queue: string): string | undefined;
  /** From now on the system finds the actor of that queue. */
  register(queue: string, actorOf: () => AnyActorRef): void;
  /** The queue is gone. */
  unregister(queue: string): void;
  cells<TCell extends ChartCell, TContext, TEvent extends EventObject, TEffect extends string>(
    kind: CellKind<TCell, TContext, TEvent, TEffect>,
  ): Cells<TCell, TEvent>;
}

/** @internal */
export class ActorSystem implements ActorSystemPort {
  readonly root: AnyActorRef;
  readonly #interpreter: Interpreter;
  /** Undefined in a system that is another actor's. */
  readonly #inspectors: Inspectors | undefined;
  readonly #systemId: string | undefined;
  readonly #named = new Map<string, () => AnyActorRef>();
  #sessions = 0;

  constructor(
    root: AnyActorRef,
    interpreter: Interpreter,
    inspectors: Inspectors | undefined,
    systemId: string | undefined,
  ) {
    this.root = root;
    this.#interpreter = interpreter;
    this.#inspectors = inspectors;
    this.#systemId = systemId;
    if (!this.#isCompiled) return;
    const { system } = root;
    const { get } = system;
    // XState has it from 5.22 on.
    const getAll: (() => object) | undefined = system.getAll;
    const named = this.#named;
    system.get = (key): unknown => named.get(String(key))?.() ?? get(key);
    system.getAll = () => ({
      ...getAll?.(),
      ...Object.fromEntries([...named].map(([key, actorOf]) => [key, actorOf()])),
    });
  }

  /** Whether queues and tasks have views instead of actors that XState makes. */
  get #isCompiled(): boolean {
    return this.#interpreter === 'compiled' && this.#inspectors !== undefined;
  }

  systemIdOf(queue: string): string | undefined {
    return this.#systemId === undefined ? undefined : `${this.#systemId}/${queue}`;
  }

  register(queue: string, actorOf: () => AnyActorRef): void {
    const systemId = this.systemIdOf(queue);
    // XState registers the actors that it makes.
    if (systemId !== undefined && this.#isCompiled) this.#named.set(systemId, actorOf);
  }

  unregister(queue: string): void {
    const systemId = this.systemIdOf(queue);
    if (systemId !== undefined) this.#named.delete(systemId);
  }

  cells<TCell extends ChartCell, TContext, TEvent extends EventObject, TEffect extends string>(
    kind: CellKind<TCell, TContext, TEvent, TEffect>,
  ): Cells<TCell, TEvent> {
    const { root } = this;
    if (this.#interpreter === 'xstate') {
      return new ActorCells(kind, root, false, (of, admission, beginning) => machineLogic(of, admission, beginning));
    }
    if (this.#inspectors === undefined) {
      return new ActorCells(kind, root, true, (of, admission, beginning) => chartLogic(of, admission, beginning));
    }
    return new CompiledCells(kind, root, this.#inspectors, () => `${root.sessionId}.${(this.#sessions += 1)}`);
  }
}
