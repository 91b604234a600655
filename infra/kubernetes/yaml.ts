/** Kubernetes objects as YAML for people: each value may carry its reason, which becomes a comment above it. */
import { Document, Pair, Scalar, YAMLMap, YAMLSeq } from 'yaml';

class Reasoned {
  readonly reason: string;
  readonly value: unknown;
  constructor(reason: string, value: unknown) {
    this.reason = reason;
    this.value = value;
  }
}

/** A value with the reason for it. */
export const because = (reason: string, value: unknown) => new Reasoned(reason, value);

/** The documents of one file. @param head what the file is for, as a comment at its beginning */
export function toYaml(head: string, documents: object[]): string {
  const texts = documents.map((object) => {
    const document = new Document();
    document.contents = nodeOf(object) as never;
    return document.toString({ lineWidth: 0 });
  });
  const made = 'Made by `npm run kubernetes`: change infra/kubernetes/*.ts, not this file.';
  return `${comment(`${head}\n${made}`, '#')}\n\n${texts.join('---\n')}`;
}

function nodeOf(given: unknown): Scalar | YAMLMap | YAMLSeq {
  const value = given instanceof Reasoned ? given.value : given;
  if (Array.isArray(value)) {
    const list = new YAMLSeq();
    for (const item of value) {
      const node = nodeOf(item);
      if (item instanceof Reasoned) node.commentBefore = comment(item.reason);
      list.items.push(node);
    }
    return list;
  }
  if (typeof value === 'object' && value !== null) {
    const map = new YAMLMap();
    for (const [name, item] of Object.entries(value)) {
      if (item === undefined) continue;
      const key = new Scalar(name);
      if (item instanceof Reasoned) key.commentBefore = comment(item.reason);
      map.items.push(new Pair(key, nodeOf(item)));
    }
    return map;
  }
  return new Scalar(value);
}

/** Breaks the text into lines of at most 100 characters. @param sign what each line begins with; `yaml` adds it itself */
function comment(text: string, sign = ''): string {
  const lines: string[] = [];
  for (const paragraph of text.split('\n')) {
    let line = sign;
    for (const word of paragraph.split(' ')) {
      if (line.length + word.length + 1 > 100) {
        lines.push(line);
        line = sign;
      }
      line += ` ${word}`;
    }
    lines.push(line);
  }
  return lines.join('\n');
}
