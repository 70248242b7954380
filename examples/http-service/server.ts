/** The HTTP face of the service: jobs, the events of the scheduler as server-sent events, and stop and start. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Scheduler } from 'pullgraph';
import type { Jobs } from './jobs.js';
import { BadRequest, readJobRequest } from './requests.js';

/** A server, not yet listening, that answers for `jobs` and `scheduler`. */
export function createJobServer(scheduler: Scheduler, jobs: Jobs): Server {
  return createServer((request, response) => {
    answer(scheduler, jobs, request, response).catch((error: unknown) => {
      const known = error instanceof BadRequest;
      if (!known) console.error(error);
      if (response.headersSent) response.destroy();
      else sendJson(response, known ? error.status : 500, { error: known ? error.message : 'internal error' });
    });
  });
}

async function answer(
  scheduler: Scheduler,
  jobs: Jobs,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const [pathname = '/'] = (request.url ?? '/').split('?');
  const [, collection, id, ...rest] = pathname.split('/');
  const route = rest.length === 0 ? `${request.method} /${collection}${id === undefined ? '' : '/:id'}` : pathname;
  switch (route) {
    case 'POST /jobs': {
      const accepted = jobs.submit(await readJobRequest(request));
      if ('unknown' in accepted) throw new BadRequest(400, `there is no job ${accepted.unknown}`);
      response.setHeader('location', `/jobs/${accepted.id}`);
      return sendJson(response, 202, accepted);
    }
    case 'GET /jobs/:id': {
      const description = await jobs.describe(id ?? '');
      if (description === undefined) throw new BadRequest(404, `there is no job ${id}`);
      return sendJson(response, 200, description);
    }
    case 'GET /events':
      return streamEvents(scheduler, response);
    case 'POST /stop':
      await scheduler.stop();
      return sendJson(response, 200, { state: scheduler.state });
    case 'POST /start':
      scheduler.start();
      return sendJson(response, 200, { state: scheduler.state });
    default:
      throw new BadRequest(404, `there is no ${request.method} ${pathname}`);
  }
}

/** Sends the events from now on until the client goes or the scheduler is closed, no faster than the client takes them. */
async function streamEvents(scheduler: Scheduler, response: ServerResponse): Promise<void> {
  const gone = new AbortController();
  response.on('close', () => gone.abort());
  const events = scheduler.events({ signal: gone.signal });
  // A connection that was kept alive beyond the last event would hold up the end of the server.
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store', connection: 'close' });
  response.flushHeaders();
  for await (const event of events) {
    const sent = response.write(`event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);
    // The client may go while it is waited for; then the signal has ended the events too.
    if (!sent) await once(response, 'drain', { signal: gone.signal }).catch(() => undefined);
  }
  response.end();
}

function sendJson(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}
