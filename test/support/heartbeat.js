/** A Jest reporter: after a while without output, prints a line with the progress and the running tests. */
const patience = 15_000; // in milliseconds

export default class Heartbeat {
  /** Running files, each with its current test. */
  #running = new Map();
  #files = { done: 0, all: 0 };
  #tests = 0;
  #start = 0;
  #last = 0;
  #timer;

  onRunStart({ numTotalTestSuites }) {
    this.#start = this.#last = Date.now();
    this.#files.all = numTotalTestSuites;
    this.#timer = setInterval(() => Date.now() - this.#last >= patience && this.#say(), 1000).unref();
  }

  onTestFileStart({ path, context }) {
    this.#running.set(path, { file: path.slice(context.config.rootDir.length + 1), title: 'starting' });
  }

  onTestCaseStart({ path }, { title }) {
    const running = this.#running.get(path);
    if (running) running.title = title;
  }

  onTestCaseResult() {
    this.#tests++;
  }

  /** Jest itself reports that the file is done. */
  onTestFileResult({ path }) {
    this.#running.delete(path);
    this.#files.done++;
    this.#last = Date.now();
  }

  onRunComplete() {
    clearInterval(this.#timer);
  }

  #say() {
    this.#last = Date.now();
    const seconds = Math.round((this.#last - this.#start) / 1000);
    const tests = `${this.#tests} ${this.#tests === 1 ? 'test' : 'tests'}`;
    console.log(`${seconds} s: ${tests} done, ${this.#files.done} of ${this.#files.all} files`);
    for (const { file, title } of this.#running.values()) console.log(`    ${file}: ${title}`);
  }
}
