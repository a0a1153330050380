import type { NextConfig } from "next";

const config: NextConfig = {
  output: "standalone",
  // Without this, a lockfile in a parent directory would move server.js in the output.
  outputFileTracingRoot: __dirname,
  turbopack: { root: __dirname },
  poweredByHeader: false,
};

export default config;
