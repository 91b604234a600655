/**
 * A Jest transform: loads a package outside of Jest's sandbox, once for each worker. Jest itself loads each of its modules anew for
 * each test file, which costs more processor time than most tests. Only for packages whose state
 * test files may share (zod's registry holds schemas), and that test `instanceof` on no value from a test: `instanceof Promise` is
 * false for a promise from inside of the sandbox, so zod's asynchronous checks would not work; we have none.
 */
import { createRequire } from 'node:module';

const load = createRequire(import.meta.url);

/** `Buffer` is Node's own in the sandbox too, and what its constructor makes runs outside. */
const loading = (path) =>
  `Buffer.constructor('return process')().getBuiltinModule('module').createRequire(${path})(${path})`;
const namesOf = (path) => Object.keys(load(path));

export default {
  getCacheKey: (_source, path) => [path, ...namesOf(path)].join(),
  process(_source, path, { supportsStaticESM }) {
    const loaded = loading(JSON.stringify(path));
    if (!supportsStaticESM) return { code: `module.exports = ${loaded};` };
    const exported = namesOf(path).map(
      (name, n) => `const _${n} = loaded['${name}']; export { _${n} as '${name}' };`,
    );
    return { code: `const loaded = ${loaded};\n${exported.join('\n')}` };
  },
};
