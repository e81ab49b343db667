import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vitest/config";

export default defineConfig({
  plugins: [svelte()],
  base: "./",
  build: {
    outDir: "dist",
    target: "es2022",
    // Everything is a file of its own: the content security policy allows no inline anything.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 1200,
  },
  server: { host: "127.0.0.1", port: 5173, strictPort: true },
  test: { environment: "jsdom", include: ["src/**/*.test.ts", "scripts/**/*.test.ts"] },
  resolve: { conditions: process.env.VITEST ? ["browser"] : undefined },
});
