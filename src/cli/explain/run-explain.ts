import { explainService } from '../../app/explain/explain-service.ts';
import { overviewOf } from '../../app/explain/overview.ts';
import { didYouMeanOr } from '../../policy/issues/did-you-mean.ts';
import { explainJson, explainText } from './explain-line.ts';
import { loadGoodSet } from './load-good-set.ts';
import { overviewText } from './overview-lines.ts';
import { serviceLines } from './service-lines.ts';

export interface ExplainOptions {
  readonly directory: string;
  /** One a line and nothing else, for the vhost policy of a router. */
  readonly routingKeysOnly: boolean;
  /** That service alone; undefined: the whole set. */
  readonly service: string | undefined;
  readonly isJson: boolean;
}

/** 0: printed; 1: the set has errors, or no such service; 2: it is unreadable. */
export async function runExplain(options: ExplainOptions): Promise<number> {
  const { directory, routingKeysOnly, service, isJson } = options;
  const set = await loadGoodSet(directory);
  if (typeof set === 'number') return set;
  if (service === undefined) {
    const overview = overviewOf(set.snapshot);
    const keys = { routingKeys: overview.routingKeys };
    if (isJson) process.stdout.write(explainJson(routingKeysOnly ? keys : overview));
    else if (routingKeysOnly) process.stdout.write(listText(overview.routingKeys));
    else process.stdout.write(overviewText(overview));
    return 0;
  }
  const explanation = explainService(service, set);
  if (explanation === undefined) {
    const known = [...set.snapshot.services.keys()];
    const near = didYouMeanOr('services', service, known) ?? 'there is none';
    console.error(`fairlead: ${directory}: no route leads to a service ${service}; ${near}`);
    return 1;
  }
  const text = isJson ? explainJson(explanation) : explainText(serviceLines(explanation));
  process.stdout.write(text);
  return 0;
}

function listText(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join('');
}
