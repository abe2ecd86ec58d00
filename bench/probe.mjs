// Preloaded into a measured process: leaves behind how large it became.
import { writeFileSync } from "node:fs";

process.on("exit", () => {
  const { maxRSS } = process.resourceUsage();
  if (process.env.MESHFLAKE_PROBE)
    writeFileSync(process.env.MESHFLAKE_PROBE, JSON.stringify({ memory: maxRSS / 1024 }));
});
