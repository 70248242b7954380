/**
 * Writes docs/traces/main-job.json, the trace of a small main job as a collector receives it (OTLP as JSON), and draws it in
 * docs/opentelemetry.md.
 *
 *     npm run docs:trace
 */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type OtlpTraces, startReceiver } from '../examples/opentelemetry/receiver.js';
import { waterfallOf } from '../examples/opentelemetry/tree.js';

const FOLDER = new URL('../docs/traces/', import.meta.url);
const PAGE = new URL('../docs/opentelemetry.md', import.meta.url);
const MAIN = fileURLToPath(new URL('../examples/matrix-pipeline/main.ts', import.meta.url));
const COLUMNS = 60;
const SIZE = ['--matrices', '2', '--order', '200', '--acquisition-ms', '20', '--threads', '2'];

const receiver = await startReceiver();
const job = spawn(process.execPath, ['--import', 'tsx', MAIN, ...SIZE, '--otlp', receiver.url], {
  stdio: ['ignore', 'ignore', 'inherit'],
});
const [code] = (await once(job, 'exit')) as [number | null];
if (code !== 0) throw new Error(`the job ended with ${code}`);
// What tells of the machine that made it is left out: the attributes of the resource.
const resourceSpans = (receiver.bodies('/v1/traces') as OtlpTraces[]).flatMap((body) =>
  body.resourceSpans.map((each) => ({ ...each, resource: { attributes: [] } })),
);
mkdirSync(FOLDER, { recursive: true });
const file = fileURLToPath(new URL('main-job.json', FOLDER));
writeFileSync(file, `${JSON.stringify({ resourceSpans })}\n`);
execFileSync('npx', ['biome', 'format', '--write', file], { stdio: 'ignore' });
const page = readFileSync(PAGE, 'utf8');
const picture = waterfallOf(receiver.spans(), COLUMNS).join('\n');
writeFileSync(PAGE, page.replace(/(```text waterfall\n)[^`]*(\n```)/, `$1${picture}$2`));
await receiver.close();
