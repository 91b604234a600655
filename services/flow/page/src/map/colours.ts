/** The colours of the style sheet, as a canvas wants them: resolved for light or dark. */
const processTokens = ['--a', '--b', '--c', '--d', '--e', '--f'] as const;

export interface Colours {
  ink: string;
  soft: string;
  lane: string;
  panel: string;
  line: string;
  bad: string;
  focus: string;
  /** By `Process.colour`. */
  process: string[];
}

/** Reads them anew: after a change of theme. */
export function readColours(within: HTMLElement): Colours {
  const probe = within.appendChild(document.createElement('i'));
  const read = (token: string) => {
    probe.style.color = `var(${token})`;
    return getComputedStyle(probe).color;
  };
  const colours = {
    ink: read('--ink'),
    soft: read('--soft'),
    lane: read('--lane'),
    panel: read('--panel'),
    line: read('--line'),
    bad: read('--bad'),
    focus: read('--focus'),
    process: processTokens.map(read),
  };
  probe.remove();
  return colours;
}

/** For the style of an element. @param colour `Process.colour` */
export const processColour = (colour: number) => `var(${processTokens[colour % processTokens.length]})`;
