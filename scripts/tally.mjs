/**
 * Reads vitest's JSON report and prints the last line of a run: "N passed, N failed". A file that could not even be
 * loaded holds no tests to count, so it counts as one failure. Exits with 1 when anything failed or nothing ran.
 *
 * Usage: node scripts/tally.mjs <report.json>
 */
import { existsSync, readFileSync } from 'node:fs';

const [reportFile = ''] = process.argv.slice(2);
/** @typedef {{ status: string, assertionResults: unknown[] }} TestFile */
/** @typedef {{ numPassedTests: number, numFailedTests: number, testResults: TestFile[] }} Report */

/** @returns {Report} */
function readReport() {
  if (existsSync(reportFile)) return JSON.parse(readFileSync(reportFile, 'utf8'));
  console.error('vitest wrote no report: it ended before it ran a test');
  return { numPassedTests: 0, numFailedTests: 0, testResults: [] };
}

const report = readReport();
const unloaded = report.testResults.filter((file) => file.status === 'failed' && file.assertionResults.length === 0);
const failed = report.numFailedTests + unloaded.length;
console.log(`${report.numPassedTests} passed, ${failed} failed`);
if (failed > 0 || report.numPassedTests === 0) process.exitCode = 1;
