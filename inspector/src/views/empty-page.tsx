/** What to do when there is nothing to show. */
import { link, moment, known } from '../app/state.js';

export function EmptyPage() {
  if (link.value === 'locked') return <Locked />;
  const { hello } = known();
  if (hello === undefined) return <Message title="Connecting…">The page waits for the inspector.</Message>;
  if (moment.value !== null) {
    return (
      <Message title="Nothing yet">At this moment no task had been submitted. Move the slider to the right.</Message>
    );
  }
  const { settledBefore } = hello;
  return (
    <Message title="No task yet">
      {settledBefore > 0 ? `${settledBefore} tasks had settled before you looked. ` : ''}
      The page shows tasks as they are submitted. In your program:
      <pre tabIndex={0} aria-label="Example">
        {EXAMPLE}
      </pre>
    </Message>
  );
}

const EXAMPLE = `const queue = scheduler.queue('compute', { concurrency: 4 });
queue.submit(work, input);
scheduler.start();`;

function Locked() {
  return (
    <Message title="This page needs its key">
      Open the whole address that the program printed, with what follows the # sign. Each start of the inspector makes a
      new key. If the program has ended, start it again; the page keeps trying.
    </Message>
  );
}

function Message({ title, children }: { readonly title: string; readonly children: preact.ComponentChildren }) {
  return (
    <section class="panel empty">
      <h1>{title}</h1>
      <div>{children}</div>
    </section>
  );
}
