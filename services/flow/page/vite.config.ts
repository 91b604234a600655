/** How the page is built: everything in files of its own, as its content security policy wants it. */
import { defineConfig } from 'vite';
import { fakeServer } from './dev/fake.ts';

export default defineConfig({
  root: import.meta.dirname,
  build: {
    outDir: '../dist',
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: 'es2022',
  },
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  plugins: [fakeServer()],
});
