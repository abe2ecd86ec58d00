const UNITS = ["bytes", "KiB", "MiB", "GiB", "TiB"] as const;

/** `3.7 GiB`; as people compare it with what a card's label says. */
export function formatBytes(bytes: number): string {
  const power = Math.min(bytes < 1 ? 0 : Math.floor(Math.log2(bytes) / 10), UNITS.length - 1);
  const value = bytes / 1024 ** power;
  return `${power === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${UNITS[power]}`;
}
