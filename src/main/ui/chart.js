/** Minutes as lines, by uPlot; the numbers stand beside it as a table for those who do not see it. */
import uPlot from 'uplot';
import {useEffect, useRef} from 'preact/hooks';
import {Table, html} from './elements.js';
import {number} from './format.js';
import {time, timeZone} from './times.js';

const HEIGHT = 170;
/** Between the lines of the grid, in seconds: whole minutes. */
const MINUTES = [1, 2, 5, 10, 15, 30, 60, 120, 240, 480].map((minutes) => 60 * minutes);

/** How lines are drawn, so that they are not told apart by colour alone; the sign stands in the legend. */
const LINES = {
  solid: {sign: '——'}, dotted: {sign: '····', dash: [2, 4]}, dashed: {sign: '– –', dash: [12, 6]}, mixed: {sign: '– ·', dash: [12, 5, 2, 5]},
};

/**
 * @param title in words
 * @param minutes their starts, as instants
 * @param series {label, color: a variable of the style sheet, values: numbers or null, line, level: whether it is the same all along, step}
 * @param unit after each number
 * @param most the end of the scale; without it, what there is
 * @param log whether the scale is logarithmic
 */
export function Chart({title, minutes, series, unit = '', most, log = false}) {
  const place = useRef(null);
  const data = [minutes.map((at) => Date.parse(at) / 1000), ...series.map((one) => one.values.map((value) => (log && value !== null ? Math.max(value, 1e-3) : value)))];
  const plot = useRef(null);
  const shape = [timeZone(), ...series.map((one) => one.label)].join('|');
  useEffect(() => {
    const colors = getComputedStyle(document.documentElement);
    const color = (name) => colors.getPropertyValue(name).trim();
    const axis = {stroke: color('--quiet'), grid: {stroke: color('--line'), width: 1}, ticks: {stroke: color('--line'), width: 1}};
    const powersOfTen = (_, ticks) => ticks.map((tick) => (Number.isInteger(Math.log10(tick)) ? tick : null));
    const powers = {filter: powersOfTen, grid: {...axis.grid, filter: powersOfTen}, ticks: {...axis.ticks, filter: powersOfTen}};
    const create = () => {
      plot.current?.destroy();
      plot.current = new uPlot({
        width: Math.max(240, place.current.clientWidth),
        height: HEIGHT,
        cursor: {drag: {x: false, y: false}},
        scales: {y: log ? {distr: 3, log: 10} : {range: (_, low, high) => [0, most ?? Math.max(high * 1.1, 1)]}},
        axes: [{...axis, values: (_, ticks) => ticks.map((tick) => time(tick * 1000).slice(0, 5)), incrs: MINUTES, space: 60}, {...axis, ...(log ? powers : {}), size: 60, values: (_, ticks) => ticks.map((tick) => (tick === null ? '' : `${number(tick, 3)}${unit}`))}],
        series: [{label: 'Minute', value: (_, at) => (at ? time(at * 1000) : '–')}, ...series.map((one) => ({
          label: series.length > 1 ? `${LINES[one.line].sign} ${one.label}` : one.label,
          stroke: color(one.color), width: 2, dash: LINES[one.line ?? 'solid'].dash, spanGaps: false,
          paths: one.step ? uPlot.paths.stepped({align: 1}) : undefined, points: {show: one.level ? false : undefined},
          value: (_, value) => (value === null || value === undefined ? '–' : `${number(value, 2)}${unit}`),
        }))],
      }, data, place.current);
    };
    create();
    const resized = new ResizeObserver(() => plot.current.setSize({width: Math.max(240, place.current.clientWidth), height: HEIGHT}));
    resized.observe(place.current);
    const theme = matchMedia('(prefers-color-scheme: dark)');
    theme.addEventListener('change', create);
    return () => {
      resized.disconnect();
      theme.removeEventListener('change', create);
      plot.current.destroy();
      plot.current = null;
    };
  }, [shape, log, most, unit]);
  useEffect(() => plot.current?.setData(data), [JSON.stringify(data)]);
  return html`
    <figure class="chart">
      <figcaption>${title}</figcaption>
      <div ref=${place} aria-hidden="true"></div>
      <details><summary>The numbers<span class="hidden">: ${title}</span></summary>
        <${Table} label=${title} columns=${['Minute', ...series.map((one) => one.label)]} rows=${minutes.map((at, row) => ({key: at, cells: [
          time(at), ...series.map((one) => (one.values[row] === null || one.values[row] === undefined ? null : `${number(one.values[row], 2)}${unit}`))]}))} />
      </details>
    </figure>`;
}
