/** The messages of a participant to the program that started it. */

export type Message =
  | { readonly kind: 'hanging' }
  /** `runs` is how many tasks this participant has done itself; the report is the same for all. */
  | { readonly kind: 'done'; readonly runs: number; readonly report: string };

/** Messages come from a program of this example; only their kind is to be told. */
export function isMessage<K extends Message['kind']>(value: unknown, kind: K): value is Extract<Message, { kind: K }> {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === kind;
}
