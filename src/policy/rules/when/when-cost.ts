import type { ASTNode } from '@marcbachmann/cel-js';

/**
 * Steps of an evaluation as a polynomial in the length of the longest list: `[3, 4]` is 3 + 4n. A step takes some
 * fifty nanoseconds.
 */
export type Cost = readonly number[];

/** What the walk knows of a part: its steps, the length of the list it is, and how many texts make up a text in it. */
interface Estimate {
  readonly cost: Cost;
  readonly size: Cost;
  readonly texts: number;
}

export interface Bounds {
  readonly cost: Cost;
  readonly usesHeaders: boolean;
}

/** Why an expression is not taken, and which part of it. */
export class NotAllowed extends Error {
  readonly node: ASTNode;

  constructor(message: string, node: ASTNode) {
    super(message);
    this.node = node;
  }
}

const MACROS = new Set(['all', 'exists', 'exists_one', 'filter']);
const TEXT_FUNCTIONS = new Set(['contains', 'startsWith', 'endsWith', 'lowerAscii', 'upperAscii']);
const FUNCTIONS = new Set([
  'has',
  'size',
  'int',
  'uint',
  'double',
  'string',
  'bool',
  'timestamp',
  'duration',
]);
const OPERATORS = new Set('&& || ! - !_ -_ ?: == != < <= > >= in + * / % . [] list map'.split(' '));
/** Two levels over lists of a thousand are a million steps already. */
const MAX_MACROS = 2;
/** Of one text of 8 KiB, to look through. */
const TEXT_STEPS = 16;
/** Elements that `in` looks at in one step: they are compared without an evaluation. */
const IN_ELEMENTS = 16;
const ROOTS: Readonly<Record<string, readonly string[]>> = {
  identity: ['subject', 'issuer', 'method', 'provider', 'claims', 'with'],
  tenant: ['id', 'tier'],
  request: ['method', 'path', 'host', 'headers', 'client'],
};

/** Throws `NotAllowed` for what has no bound, or names what is never there. */
export function boundsOf(root: ASTNode): Bounds {
  const walk = new Walk();
  const { cost } = walk.estimate(root, new Map());
  return { cost, usesHeaders: walk.usesHeaders };
}

export function stepsFor(cost: Cost, longest: number): number {
  return cost.reduceRight((sum, factor) => sum * longest + factor, 0);
}

type Variables = ReadonlyMap<string, number>;

class Walk {
  usesHeaders = false;

  estimate(node: ASTNode, variables: Variables): Estimate {
    const { op } = node;
    if (op === 'value') return { cost: [1], size: [0, 1], texts: 1 };
    if (op === 'id') return this.#name(node, variables);
    if (op === 'rcall' && MACROS.has(node.args[0])) return this.#macro(node, variables);
    if (op === 'call' || op === 'rcall') return this.#call(node, variables);
    if (!OPERATORS.has(op)) throw new NotAllowed(`"${op}" is not allowed here`, node);
    if (op === '.') this.#member(node, variables);
    return this.#joined(node, partsOf(node), variables);
  }

  #name(node: ASTNode, variables: Variables): Estimate {
    const name = node.args as string;
    if (name === 'request' || (name in ROOTS && !variables.has(name))) this.#whole(node);
    return { cost: [1], size: [0, 1], texts: variables.get(name) ?? 1 };
  }

  /** `request` itself may lead to any of its members. */
  #whole(node: ASTNode): void {
    if (node.args === 'request') this.usesHeaders = true;
  }

  #member(node: ASTNode, variables: Variables): void {
    const [object, key] = node.args as [ASTNode, string];
    if (object.op !== 'id') return;
    const known = variables.has(object.args) ? undefined : ROOTS[object.args];
    if (known === undefined || known.includes(key)) return;
    throw new NotAllowed(`${object.args} has no "${key}"; it has ${known.join(', ')}`, node);
  }

  #macro(node: ASTNode, variables: Variables): Estimate {
    const [name, range, args] = node.args as [string, ASTNode, readonly ASTNode[]];
    const variable = args[0];
    if (args.length !== 2 || variable?.op !== 'id') {
      throw new NotAllowed(`${name} takes a name and a condition: ${name}(x, …)`, node);
    }
    if (variable.args in ROOTS) throw new NotAllowed('this name is taken', variable);
    if (variables.size >= MAX_MACROS) throw new NotAllowed('macros may nest at most twice', node);
    const over = this.estimate(range, variables);
    const inner = new Map([...variables, [variable.args, over.texts]]);
    if (inner.size === variables.size) throw new NotAllowed('this name is taken', variable);
    const body = this.estimate(args[1]!, inner);
    const cost = added(over.cost, [1], multiplied(over.size, added(body.cost, [2])));
    return { cost, size: over.size, texts: over.texts };
  }

  #call(node: ASTNode, variables: Variables): Estimate {
    const name = (node.args as unknown as [string])[0];
    const isKnown =
      node.op === 'rcall' ? TEXT_FUNCTIONS.has(name) || name === 'size' : FUNCTIONS.has(name);
    if (name === 'matches') {
      throw new NotAllowed(
        '"matches" is not in this version: use "pattern" in require.claims',
        node,
      );
    }
    if (!isKnown) throw new NotAllowed(`the function "${name}" is not allowed here`, node);
    const joined = this.#joined(node, partsOf(node), variables);
    return { ...joined, cost: added(joined.cost, [TEXT_STEPS * joined.texts]) };
  }

  #joined(node: ASTNode, parts: readonly ASTNode[], variables: Variables): Estimate {
    const estimates = parts.map((part) => this.estimate(part, variables));
    const cost = added([1], ownCost(node, parts, variables), ...estimates.map((each) => each.cost));
    const texts = Math.max(
      1,
      estimates.reduce((sum, each) => sum + each.texts, 0),
    );
    if (node.op === 'list') return { cost, size: [parts.length], texts };
    if (node.op === '+') return { cost, size: added(...estimates.map((each) => each.size)), texts };
    return {
      cost,
      size: [0, 1],
      texts: node.op === '.' || node.op === '[]' ? estimates[0]!.texts : texts,
    };
  }
}

/** What lists cost beside the parts that are evaluated. */
function ownCost({ op }: ASTNode, parts: readonly ASTNode[], variables: Variables): Cost {
  if (op === 'in' && parts[1]!.op !== 'list') return [0, 1 / IN_ELEMENTS];
  if (op !== '==' && op !== '!=') return [];
  // An element of a list is walked through once for the list, however often it is compared.
  const isShort = parts.some((part) => part.op === 'value' || variables.has(rootOf(part)));
  return isShort ? [2] : [0, 1];
}

function rootOf(node: ASTNode): string {
  let at = node;
  while (at.op === '.' || at.op === '[]') at = at.args[0];
  return at.op === 'id' ? at.args : '';
}

/** Every node below, in whatever form the arguments are. */
function partsOf(node: ASTNode): readonly ASTNode[] {
  return nodesIn(node.args);
}

function nodesIn(args: unknown): readonly ASTNode[] {
  if (Array.isArray(args)) return args.flatMap(nodesIn);
  return typeof args === 'object' && args !== null && 'op' in args ? [args as ASTNode] : [];
}

function added(...costs: readonly Cost[]): Cost {
  const length = Math.max(0, ...costs.map((cost) => cost.length));
  return Array.from({ length }, (_, power) =>
    costs.reduce((sum, cost) => sum + (cost[power] ?? 0), 0),
  );
}

function multiplied(left: Cost, right: Cost): Cost {
  const product = Array.from({ length: left.length + right.length - 1 }, () => 0);
  for (const [i, factor] of left.entries()) {
    for (const [j, other] of right.entries()) product[i + j]! += factor * other;
  }
  return product;
}
