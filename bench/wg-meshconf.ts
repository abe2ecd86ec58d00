import { randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { timeProgram } from "./measure.js";

/**
 * The same full mesh by wg-meshconf, which writes WireGuard files and nothing else; `pip install wg-meshconf` to compare.
 * @returns milliseconds, or null where it is not installed
 */
export function timeWgMeshconf(hosts: number, folder: string): number | null {
  const columns = [
    "Name",
    "Address",
    "Endpoint",
    "AllowedIPs",
    "ListenPort",
    "PersistentKeepalive",
    "FwMark",
    "PrivateKey",
  ];
  const rest = ["DNS", "MTU", "Table", "PreUp", "PostUp", "PreDown", "PostDown", "SaveConfig"];
  const quote = (values: readonly string[]) => values.map((value) => `"${value}"`).join(",");
  const lines = Array.from({ length: hosts }, (_, number) => {
    const address = `10.${64 + (number >> 16)}.${(number >> 8) & 255}.${number & 255}`;
    const values = [`host${number}`, `${address}/12`, `2001:db8::${number.toString(16)}`, "", "51820", "", ""];
    return quote([...values, randomBytes(32).toString("base64"), ...rest.map(() => "")]);
  });
  writeFileSync(join(folder, "database.csv"), `${quote([...columns, ...rest])}\n${lines.join("\n")}\n`);
  return timeProgram("wg-meshconf", ["-d", "database.csv", "genconfig", "-o", "out"], folder);
}
