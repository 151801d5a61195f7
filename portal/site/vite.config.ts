import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

export default defineConfig({
  base: "./",
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  resolve: {
    alias: [{ find: /^\.\.\/zip\/zipToArrayBuffer\.js$/, replacement: fileURLToPath(new URL("src/parts/zip.ts", import.meta.url)) }],
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
