/** Lets a person watch the run in a browser: `npm start -- --inspect`. */
import { once } from 'node:events';
import type { Scheduler } from 'pullgraph';
import { inspect, type Inspector } from 'pullgraph/inspect';

/** Opens an inspector and prints its address. */
export async function openInspector(scheduler: Scheduler): Promise<Inspector> {
  const inspector = await inspect(scheduler);
  console.log(`inspect at ${inspector.url}\n`);
  return inspector;
}

/** Leaves the inspector open until Ctrl-C where a person may be looking, and closes it. */
export async function closeInspector(inspector: Inspector): Promise<void> {
  if (process.stdout.isTTY) {
    console.log('\nThe inspector stays open until Ctrl-C.');
    inspector.ref();
    await once(process, 'SIGINT');
  }
  await inspector.close();
}
