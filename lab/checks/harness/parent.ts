/**
 * Ends this process, and all that it started, with the command that started it: that one has the other end of stdin, and may be killed.
 * What would go on otherwise is a test that nobody sees, which breaks what is healed meanwhile.
 */
export function endWithParent(): void {
  // The group has `nsenter`, agents, and programs that run for a moment.
  process.stdin.on("close", () => process.kill(0, "SIGKILL"));
  // It keeps nothing alive.
  process.stdin.resume().unref();
}
