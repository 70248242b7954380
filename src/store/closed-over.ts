/**
 * Finds the variables that a function closes over, which its text says nothing of. V8 tells debuggers the scopes of a function; a
 * debugger's session inside the process asks for them, without a port being opened and without a function being slowed down.
 *
 * What the function's module declares is not counted: that is code, as the function's own is. Vitest wraps a module in a function: there
 * the outermost scope, which has no name, is the module's. The wrapper of a CommonJS module cannot be told from a function of the module,
 * because V8 leaves out scopes of which nothing is used; so the variables of such a module count.
 */
import type { Session } from 'node:inspector';

/** How the scopes of functions, blocks and `catch` clauses begin in V8's description of them. */
const LOCAL = /^(Closure|Block|Catch|With|Eval)\b/;

/** The descriptions of a wrapped module's scope: that of a function without a name, or of a block in one. */
const WRAPPERS: readonly (string | undefined)[] = ['Closure', 'Block'];

/** Where the function stands for the session to find. */
const SLOT = '__pullgraphFunction';

interface Property {
  readonly name: string;
  readonly value?: { readonly description?: string; readonly objectId?: string };
}

interface Asked {
  post(method: string, params: object, answer: (error: Error | null, result: object) => void): void;
}

let session: Asked | undefined;

/**
 * The names of variables outside of its module's top level that the function's text mentions and its scopes have; undefined where Node was
 * built without an inspector. A name that only occurs in a string counts too. O(length of the text · variables).
 *
 * @internal
 */
export function closedOver(fn: object, text: string): readonly string[] | undefined {
  session ??= connected();
  if (session === undefined) return undefined;
  const scopes = scopesOf(session, fn);
  const to = session;
  const names = scopes.flatMap(({ objectId }) => propertiesOf(to, objectId).map(({ name }) => name));
  post(to, 'Runtime.releaseObjectGroup', { objectGroup: SLOT });
  return [...new Set(names)].filter((name) => mentions(text, name));
}

function connected(): Asked | undefined {
  const inspector = process.getBuiltinModule('node:inspector') as { Session: typeof Session } | undefined;
  if (inspector === undefined) return undefined;
  const made = new inspector.Session();
  made.connect();
  return made;
}

function scopesOf(to: Asked, fn: object): { readonly objectId: string }[] {
  Object.defineProperty(globalThis, SLOT, { value: fn, configurable: true });
  try {
    const { result } = post(to, 'Runtime.evaluate', {
      expression: `globalThis.${SLOT}`,
      objectGroup: SLOT,
    }) as { readonly result: { readonly objectId: string } };
    const list = internalScopesOf(to, result.objectId);
    const isModule = list.some(({ value }) => value?.description === 'Module');
    const local = list.filter(({ value }) => LOCAL.test(value?.description ?? ''));
    const outermost = local.at(-1);
    const isWrapped =
      !isModule && process.env['VITEST'] !== undefined && WRAPPERS.includes(outermost?.value?.description);
    const counted = isWrapped ? local.slice(0, -1) : local;
    return counted.flatMap(({ value }) => (value?.objectId === undefined ? [] : [{ objectId: value.objectId }]));
  } finally {
    Reflect.deleteProperty(globalThis, SLOT);
  }
}

function internalScopesOf(to: Asked, objectId: string): readonly Property[] {
  const { internalProperties = [] } = post(to, 'Runtime.getProperties', {
    objectId,
    ownProperties: true,
  }) as { readonly internalProperties?: readonly Property[] };
  const scopes = internalProperties.find(({ name }) => name === '[[Scopes]]')?.value?.objectId;
  return scopes === undefined ? [] : propertiesOf(to, scopes);
}

function propertiesOf(to: Asked, objectId: string): readonly Property[] {
  const params = { objectId, ownProperties: true, generatePreview: false };
  return (post(to, 'Runtime.getProperties', params) as { readonly result: readonly Property[] }).result;
}

/** The session answers before `post` returns. */
function post(to: Asked, method: string, params: object): object {
  const answers: object[] = [];
  to.post(method, params, (error, result) => {
    if (error !== null) throw error;
    answers.push(result);
  });
  const [answer] = answers;
  if (answer === undefined) throw new Error(`the inspector has not answered ${method} at once`);
  return answer;
}

function mentions(text: string, name: string): boolean {
  for (let at = text.indexOf(name); at >= 0; at = text.indexOf(name, at + 1)) {
    const before = text[at - 1] ?? ' ';
    const behind = text[at + name.length] ?? ' ';
    const isProperty = before === '.' && text.slice(Math.max(0, at - 3), at) !== '...';
    if (!isProperty && !/[\w$]/.test(before) && !/[\w$]/.test(behind)) return true;
  }
  return false;
}
