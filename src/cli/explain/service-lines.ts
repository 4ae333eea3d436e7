import type {
  ServiceExplanation,
  ServiceSetting,
  ServiceUse,
} from '../../app/explain/explain-service.ts';
import type { ExplainLine } from './explain-line.ts';

/** How a service is reached, then each path that leads there with the waits of its requests. */
export function serviceLines(explanation: ServiceExplanation): ExplainLine[] {
  const { service, way, routingKeys, at = 'not written: the name is all', settings } = explanation;
  return [
    ['service', `${service}, ${way}`, at],
    ...routingKeys.map((key): ExplainLine => ['key', key]),
    ...settings.map((setting) => settingLine('setting', setting)),
    ...explanation.reachedBy.flatMap(useLines),
  ];
}

function useLines({ route, host, path, at, timeouts }: ServiceUse): ExplainLine[] {
  const what = path === undefined ? `${host}, passthrough` : `${host}${path}`;
  return [
    ['reached', `${what}, route ${route}`, at],
    ...timeouts.map((setting) => settingLine('', setting)),
  ];
}

function settingLine(label: string, { field, text, at, level }: ServiceSetting): ExplainLine {
  return [label, `${field} ${text}`, at === undefined ? 'by default' : `${at} (${level})`];
}
