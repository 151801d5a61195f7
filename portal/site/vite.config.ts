import { defineConfig } from "vite";

export default defineConfig({
  base: "./",
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  resolve: {
    // the spreadsheet writer packs large sheets in a worker made of text, which the pages' policy rightly refuses
    alias: [{ find: /^\.\.\/zip\/zipToArrayBuffer\.js$/, replacement: "../zip/zipToArrayBufferSync.js" }],
  },
  build: {
    target: "es2022",
    outDir: "dist",
    // sizes are told by our own test, packed as they are sent
    reportCompressedSize: false,
    // the pages' policy allows no inline script, and every browser we build for knows modulepreload
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 900,
  },
});
