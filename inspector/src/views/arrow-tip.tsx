/** The tip of an arrow, as a marker that the lines of one picture name. */

export function ArrowTip({ id }: { readonly id: string }) {
  return (
    <defs>
      <marker
        id={id}
        viewBox="0 0 8 8"
        refX="7"
        refY="4"
        markerWidth="9"
        markerHeight="9"
        markerUnits="userSpaceOnUse"
        orient="auto"
      >
        <path d="M0 0L8 4L0 8Z" class="tip" />
      </marker>
    </defs>
  );
}
