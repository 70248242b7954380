/** A list of any length, of which only the lines in view are there. Lines are all of one height. */
import { elementScroll, observeElementOffset, observeElementRect, Virtualizer } from '@tanstack/virtual-core';
import { useEffect, useLayoutEffect, useReducer, useRef } from 'preact/hooks';

interface Props {
  readonly count: number;
  readonly lineHeight: number;
  readonly label: string;
  readonly line: (index: number) => preact.ComponentChildren;
  /** Whether the first line is in view. */
  readonly onTop?: (isAtTop: boolean) => void;
}

export function VirtualList({ count, lineHeight, label, line, onTop }: Props) {
  const place = useRef<HTMLDivElement>(null);
  const [, redraw] = useReducer((times: number) => times + 1, 0);
  const kept = useRef<Virtualizer<HTMLDivElement, HTMLDivElement>>();
  const options = {
    count,
    getScrollElement: () => place.current,
    estimateSize: () => lineHeight,
    overscan: 8,
    observeElementRect,
    observeElementOffset,
    scrollToFn: elementScroll,
    onChange: () => redraw(0),
  };
  const virtualizer = (kept.current ??= new Virtualizer<HTMLDivElement, HTMLDivElement>(options));
  virtualizer.setOptions(options);
  useLayoutEffect(() => virtualizer._didMount(), []);
  useLayoutEffect(() => virtualizer._willUpdate());
  const isAtTop = (virtualizer.scrollOffset ?? 0) < lineHeight;
  useEffect(() => onTop?.(isAtTop), [isAtTop]);
  return (
    <div ref={place} class="list" tabIndex={0} role="region" aria-label={label}>
      <div class="lines" style={{ height: `${virtualizer.getTotalSize()}px` }}>
        {virtualizer.getVirtualItems().map(({ index, start }) => (
          <div key={index} class="line" style={{ height: `${lineHeight}px`, transform: `translateY(${start}px)` }}>
            {line(index)}
          </div>
        ))}
      </div>
    </div>
  );
}
