/** The frame of the page: head, the view that is chosen, what is selected, and the slider. */
import { Events } from '../views/events.js';
import { Graph } from '../views/graph.js';
import { Overview } from '../views/overview.js';
import { Selection } from '../views/selection.js';
import { StatechartView } from '../views/statechart-view.js';
import { Timeline } from '../views/timeline.js';
import { EmptyPage } from '../views/empty-page.js';
import { ConfirmDialog } from './confirm.js';
import { Head } from './head.js';
import { Notices } from './notices.js';
import { link, known, selected, type View, view } from './state.js';
import { TimeSlider } from './time-slider.js';

const CONTENT: Readonly<Record<View, () => preact.VNode | null>> = {
  overview: Overview,
  timeline: Timeline,
  graph: Graph,
  statechart: StatechartView,
  events: Events,
};

export function App() {
  const Content = CONTENT[view.value];
  const isEmpty = known().hello === undefined || link.value === 'other version';
  const hasSide = selected.value !== null && view.value !== 'statechart' && !isEmpty;
  return (
    <>
      <a class="skip" href="#main">
        Skip to the content
      </a>
      <Head />
      <Notices />
      <div class={hasSide ? 'body with-side' : 'body'}>
        <main id="main" tabIndex={-1} class={`view-${view.value}`}>
          {isEmpty ? <EmptyPage /> : <Content />}
        </main>
        {hasSide ? <Selection /> : null}
      </div>
      {isEmpty ? null : <TimeSlider />}
      <ConfirmDialog />
    </>
  );
}
