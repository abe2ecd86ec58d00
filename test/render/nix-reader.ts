// biome-ignore-all lint/suspicious/noTemplateCurlyInString: antiquotations of Nix, not of JavaScript

/**
 * Reads back what the Nix printer may write: sets with paths, lists, both kinds of strings, numbers, booleans and null. Made
 * from Nix's lexer rules, not from the printer; where Nix is installed, Nix reads the same text too.
 */

type Value = null | boolean | number | string | Value[] | { [name: string]: Value };

const TOKEN = /\s+|[{}[\]()=;.]|-?(?:[0-9]+\.[0-9]*(?:[eE][+-]?[0-9]+)?|[0-9]+)|[A-Za-z_][\w'-]*/y;

export function readNix(text: string): Value {
  const reader = new Reader(text);
  const value = reader.value();
  reader.end();
  return value;
}

class Reader {
  private at = 0;

  constructor(private readonly text: string) {}

  value(): Value {
    this.space();
    if (this.take("{")) return this.set();
    if (this.take("[")) return this.list();
    if (this.take("(")) {
      const value = this.value();
      this.need(")");
      return value;
    }
    if (this.text.startsWith("''", this.at)) return this.indented();
    if (this.text[this.at] === '"') return this.plain();
    const token = this.token();
    if (token === "null") return null;
    if (token === "true" || token === "false") return token === "true";
    if (/^-?[0-9]/.test(token)) return Number(token);
    throw new SyntaxError(`unexpected ${token} at ${this.at}`);
  }

  end(): void {
    this.space();
    if (this.at !== this.text.length) throw new SyntaxError(`more text at ${this.at}`);
  }

  private set(): Value {
    const set: { [name: string]: Value } = Object.create(null);
    while (!this.take("}")) {
      let inner = set;
      let name = this.name();
      while (this.take(".")) {
        inner[name] ??= Object.create(null);
        inner = inner[name] as { [name: string]: Value };
        name = this.name();
      }
      this.need("=");
      if (name in inner) throw new SyntaxError(`${name} is set twice`);
      inner[name] = this.value();
      this.need(";");
    }
    return set;
  }

  private list(): Value {
    const list: Value[] = [];
    while (!this.take("]")) {
      if (/[-]/.test(this.text[this.at] ?? "")) throw new SyntaxError("a negative number needs parentheses in a list");
      list.push(this.value());
    }
    return list;
  }

  private name(): string {
    this.space();
    return this.text[this.at] === '"' ? this.plain() : this.token();
  }

  private plain(): string {
    let text = "";
    for (this.at++; this.text[this.at] !== '"'; this.at++) {
      if (this.at >= this.text.length) throw new SyntaxError("a string without an end");
      if (this.text.startsWith("${", this.at)) throw new SyntaxError("an antiquotation");
      if (this.text[this.at] !== "\\") text += this.text[this.at];
      else text += unescaped(this.text[++this.at] ?? "");
    }
    this.at++;
    return text;
  }

  private indented(): string {
    let raw = "";
    for (this.at += 2; ; ) {
      if (this.text.startsWith("'''", this.at)) {
        raw += "''";
        this.at += 3;
      } else if (this.text.startsWith("''$", this.at)) {
        raw += "\u{f0000}";
        this.at += 3;
      } else if (this.text.startsWith("''", this.at)) break;
      else if (this.text.startsWith("${", this.at)) throw new SyntaxError("an antiquotation");
      else if (this.at >= this.text.length) throw new SyntaxError("a string without an end");
      else raw += this.text[this.at++];
    }
    this.at += 2;
    return strip(raw).replaceAll("\u{f0000}", "$");
  }

  private token(): string {
    this.space();
    TOKEN.lastIndex = this.at;
    const token = TOKEN.exec(this.text)?.[0];
    if (token === undefined) throw new SyntaxError(`unexpected ${this.text.slice(this.at, this.at + 20)}`);
    this.at += token.length;
    return token;
  }

  private space(): void {
    while (this.at < this.text.length && /\s/.test(this.text[this.at] ?? "")) this.at++;
  }

  private take(sign: string): boolean {
    this.space();
    if (this.text[this.at] !== sign) return false;
    this.at++;
    return true;
  }

  private need(sign: string): void {
    if (!this.take(sign)) throw new SyntaxError(`no ${sign} at ${this.at}`);
  }
}

function unescaped(character: string): string {
  return { n: "\n", r: "\r", t: "\t" }[character] ?? character;
}

/** Nix takes the smallest indentation of lines that hold something away, and a first line that holds nothing. */
function strip(raw: string): string {
  const lines = raw.split("\n");
  const last = lines.length - 1;
  const depths = lines.filter((line, index) => index !== last && line.trimStart() !== "").map(depthOf);
  const ending = lines[last] ?? "";
  if (/[^ ]/.test(ending)) depths.push(depthOf(ending));
  const depth = Math.min(...depths);
  const stripped = lines.map((line, index) =>
    index === last && !/[^ ]/.test(line) ? "" : line.slice(Math.min(depth, depthOf(line))),
  );
  if (/^ *$/.test(lines[0] ?? "") && lines.length > 1) stripped.shift();
  return stripped.join("\n");
}

function depthOf(line: string): number {
  return /^ */.exec(line)?.[0].length ?? 0;
}
