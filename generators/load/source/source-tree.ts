import type { Node as AnyNode, Expression, Project as ParserProject, SourceFile } from "ts-morph";
import type { ValuePath } from "../../model/problem.js";
import { loadTsMorph } from "../bundle/late.js";
import { FILE_START, type Position } from "../problems.js";

// Half a second: this module is itself reached by `import()` alone, once there is a problem to locate.
const { Node, Project } = loadTsMorph();

/** Where the values of a file's default export are written. Reads syntax only, so that no file but this one is needed. */

export interface SourceTree {
  /** The place of a value, or that of its nearest parent which is written there. */
  readonly find: (path: ValuePath) => { readonly at: Position; readonly exact: boolean };
}

/** A value: the node that names it, and the expression that it is. */
interface Field {
  readonly anchor: AnyNode;
  readonly value: AnyNode;
}

type Fields = ReadonlyMap<string, Field>;

let project: ParserProject | undefined;

/** Parses a host file, a fleet file, or JSON. */
export function parseSource(file: string, text: string): SourceTree {
  project ??= new Project({
    useInMemoryFileSystem: true,
    skipLoadingLibFiles: true,
    compilerOptions: { allowJs: true },
  });
  const source = project.createSourceFile(`/${file}`, text, { overwrite: true });
  const root = findRoot(source);
  const known = new Map<AnyNode, Fields>();
  const fieldsOf = (node: AnyNode): Fields => {
    const fields = known.get(node) ?? listFields(node);
    known.set(node, fields);
    return fields;
  };
  return {
    find: (path) => {
      if (root === undefined) return { at: FILE_START, exact: false };
      let anchor = follow(root);
      let value = anchor;
      for (const key of path) {
        const field = fieldsOf(value).get(String(key));
        if (field === undefined) return { at: positionOf(source, anchor), exact: false };
        anchor = field.anchor;
        value = follow(field.value);
      }
      return { at: positionOf(source, anchor), exact: true };
    },
  };
}

function positionOf(source: SourceFile, node: AnyNode): Position {
  return source.getLineAndColumnAtPos(node.getStart());
}

/** The default export: of ECMAScript, CommonJS, or JSON, which is one expression. */
function findRoot(source: SourceFile): AnyNode | undefined {
  for (const statement of source.getStatements()) {
    if (Node.isExportAssignment(statement)) return statement.getExpression();
    if (Node.isExportDeclaration(statement)) {
      const exported = statement
        .getNamedExports()
        .find((name) => (name.getAliasNode() ?? name.getNameNode()).getText() === "default");
      if (exported !== undefined) return exported.getNameNode();
    }
    if (!Node.isExpressionStatement(statement)) continue;
    const expression = statement.getExpression();
    if (source.getFilePath().endsWith(".json")) return expression;
    const assigns = Node.isBinaryExpression(expression) && expression.getLeft().getText() === "module.exports";
    if (assigns) return expression.getRight();
  }
  return undefined;
}

/** Goes through what does not change a value: parentheses, types, and constants of the file. */
function follow(node: AnyNode, seen: readonly AnyNode[] = []): AnyNode {
  if (
    Node.isParenthesizedExpression(node) ||
    Node.isAsExpression(node) ||
    Node.isSatisfiesExpression(node) ||
    Node.isNonNullExpression(node) ||
    Node.isAwaitExpression(node)
  ) {
    return follow(node.getExpression(), seen);
  }
  if (!Node.isIdentifier(node) || seen.includes(node)) return node;
  const initializer = node.getSourceFile().getVariableDeclaration(node.getText())?.getInitializer();
  return initializer === undefined ? node : follow(initializer, [...seen, node]);
}

/** The fields of an object, or the elements of a list. A call, such as a builder's, stands for its argument. */
function listFields(node: AnyNode): Fields {
  const fields = new Map<string, Field>();
  if (Node.isCallExpression(node)) {
    const [argument] = node.getArguments();
    const callee = node.getExpression();
    if (Node.isPropertyAccessExpression(callee)) {
      fields.set("platform", { anchor: callee.getNameNode(), value: callee.getNameNode() });
    }
    if (argument !== undefined) for (const [name, field] of listFields(follow(argument))) fields.set(name, field);
  } else if (Node.isArrayLiteralExpression(node)) {
    addElements(node.getElements(), fields);
  } else if (Node.isObjectLiteralExpression(node)) {
    for (const property of node.getProperties()) {
      if (Node.isSpreadAssignment(property)) {
        for (const [name, field] of listFields(follow(property.getExpression()))) fields.set(name, field);
      } else if (Node.isPropertyAssignment(property)) {
        fields.set(nameOf(property.getNameNode()), {
          anchor: property.getNameNode(),
          value: property.getInitializerOrThrow(),
        });
      } else {
        fields.set(nameOf(property.getNameNode()), { anchor: property.getNameNode(), value: property.getNameNode() });
      }
    }
  }
  return fields;
}

function addElements(elements: readonly Expression[], fields: Map<string, Field>): void {
  for (const [index, element] of elements.entries()) {
    // Nobody knows how many elements a spread makes.
    if (Node.isSpreadElement(element)) return;
    fields.set(String(index), { anchor: element, value: element });
  }
}

/** A property's name as the value has it: `a`, `"a"`, `1` and `["a"]` alike. */
function nameOf(node: AnyNode): string {
  const name = Node.isComputedPropertyName(node) ? follow(node.getExpression()) : node;
  if (Node.isStringLiteral(name) || Node.isNoSubstitutionTemplateLiteral(name)) return name.getLiteralText();
  return Node.isNumericLiteral(name) ? String(name.getLiteralValue()) : name.getText();
}
