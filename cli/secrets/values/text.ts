import { isUtf8 } from "node:buffer";

/** A value as JSON has it: as it is where it is text, otherwise in base64. */
export function toJsonValue(value: Buffer): { readonly value: string; readonly encoding: "utf8" | "base64" } {
  const encoding = isUtf8(value) ? "utf8" : "base64";
  return { value: value.toString(encoding), encoding };
}
