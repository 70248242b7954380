/** The choice to show failed tasks only, where a view has it. */
import type { Signal } from '@preact/signals';

export function OnlyFailed({ chosen }: { readonly chosen: Signal<boolean> }) {
  return (
    <label>
      <input
        type="checkbox"
        checked={chosen.value}
        onChange={({ currentTarget }) => (chosen.value = currentTarget.checked)}
      />{' '}
      Only failed
    </label>
  );
}
