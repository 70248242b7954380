/** What is dear to compute, computed at most so often while events arrive; at once when its key changes. */
import { useRef } from 'preact/hooks';

export function usePaced<T>(key: string, pauseMs: number, compute: () => T): T {
  const kept = useRef<{ readonly key: string; readonly on: number; readonly value: T }>();
  const on = performance.now();
  if (kept.current?.key !== key || on - kept.current.on >= pauseMs) kept.current = { key, on, value: compute() };
  return kept.current.value;
}
