import { stripVTControlCharacters } from 'node:util';

/** A Jest reporter: closes the run with the names of what failed, and one line that any machine can read. */
export default class ClosingLine {
  onRunComplete(_contexts, results) {
    const { numPassedTests, numFailedTests, numPendingTests, numRuntimeErrorTestSuites, testResults } =
      results;
    const failed = numFailedTests + numRuntimeErrorTestSuites;
    // To stderr like the rest of Jest's report: the end of either stream says what failed.
    for (const line of testResults.flatMap(failuresOf)) console.error(line);
    console.log(
      `${numPassedTests} passed, ${failed} failed${numPendingTests ? `, ${numPendingTests} skipped` : ''}`,
    );
  }
}

/** A line for each failed test of a file, or one for a file that could not run. */
function failuresOf({ testFilePath, testExecError, testResults }) {
  const file = testFilePath.slice(process.cwd().length + 1);
  if (testExecError) return [`failed: ${file}: ${firstLine(testExecError.message ?? testExecError)}`];
  return testResults
    .filter(({ status }) => status === 'failed')
    .map(({ fullName, failureMessages }) => `failed: ${file}: ${fullName}: ${firstLine(failureMessages[0])}`);
}

const firstLine = (text) => stripVTControlCharacters(String(text)).split('\n')[0].slice(0, 300);
