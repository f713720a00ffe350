/** A rollout, live: where it is, what is seen of it, who is asked, and what was decided. */
import {useRef, useState} from 'preact/hooks';
import {useDocument} from './api.js';
import {Chart} from './chart.js';
import {Action, Causes, ErrorBox, Facts, Fields, LedgerRows, Loaded, Section, State, Table, Time, Title, Traffic, html, readable, waiting} from './elements.js';
import {count, image, number, percent, words} from './format.js';
import {Paged} from './histories.js';
import {Logs} from './logs.js';
import {Missing} from './missing.js';
import {Tabs} from './tabs.js';

const LIVE_SECONDS = 5;
const ENDED_SECONDS = 60;
const MINUTES_SECONDS = 15;

/** Lifecycle stages of ECS, in their order, by the names that people know. */
const STAGES = [
  ['PRE_SCALE_UP', 'scale up'], ['SCALE_UP', 'scale up'], ['POST_SCALE_UP', 'scale up'],
  ['TEST_TRAFFIC_SHIFT', 'test traffic'], ['POST_TEST_TRAFFIC_SHIFT', 'checks'],
  ['PRE_PRODUCTION_TRAFFIC_SHIFT', 'before production'], ['PRODUCTION_TRAFFIC_SHIFT', 'production traffic'], ['POST_PRODUCTION_TRAFFIC_SHIFT', 'production traffic'],
  ['BAKE_TIME', 'bake'], ['CLEAN_UP', 'clean up'],
];

const isEnded = (rollout) => Boolean(rollout && !['RUNNING', 'QUEUED'].includes(rollout.state));
const seconds = (rollout) => (isEnded(rollout) ? ENDED_SECONDS : LIVE_SECONDS);

export function Rollout({path, tab}) {
  const rollout = useDocument(path, seconds);
  const ended = isEnded(rollout.value);
  const minutes = useDocument(`${path}/minutes`, ended ? 0 : MINUTES_SECONDS);
  const parts = path.split('/');
  const service = parts.slice(0, 6).join('/');
  const tabs = [
    ['ledger', 'Ledger', () => html`<${RolloutLedger} service=${service} rollout=${rollout.value} />`],
    ['checks', 'Gate and checks', () => html`<${Gate} of=${rollout.value?.gate ?? []} findings=${rollout.value?.findings ?? []} />`],
    ['logs', 'Logs of its release', () => html`<${Logs} path=${service} fixed=${{rollout: parts.at(-1)}} />`],
    ['settings', 'Settings', () => html`<${Settings} of=${rollout.value} />`],
  ];
  if (rollout.error?.missing) {
    return html`<${Missing} path=${path} why=${rollout.error.problem.detail} />`;
  }
  return html`
    <${Title}>Rollout${rollout.value?.release ? ` of release ${rollout.value.release}` : ''} at ${parts[3]}/${parts[5]}<//>
    <${Loaded} of=${rollout}>${(found) => html`
      <div aria-live="polite">
        <p class="standing"><${State} of=${found.state} /> ${readable(found.detail)}</p>
        ${found.waitsFor ? html`<p>${waiting(found.waitsFor)}</p>` : null}
      </div>
      <${Approval} path=${path} asked=${found.approval} done=${rollout.refresh} />
      <${Stages} of=${found} />
      ${found.stage && found.state === 'RUNNING' ? html`<${Traffic} shares=${[
        {name: `release ${found.release}`, percent: found.stage.percent, candidate: true},
        {name: found.previous ? `release ${found.previous}` : 'nothing', percent: 100 - found.stage.percent}]} />` : null}
      <${Facts} of=${[
        ['Image', html`<code title=${found.image}>${found.tag ?? image(found.image)}</code>`],
        ['Commit', found.commit],
        ['Strategy', found.strategy.strategy.replace('_', '/')],
        ['Begun', html`<${Time} at=${found.startedAt} /> by ${found.startedBy}${found.onBehalfOf ? ` for ${found.onBehalfOf}` : ''}`],
        ['Ended', found.endedAt ? html`<${Time} at=${found.endedAt} />` : null],
        ['Stopped', found.stop ? html`${words(found.stop.cause)} by ${found.stop.by}, <${Time} at=${found.stop.at} />` : null],
        ['Expected', found.forecast && !found.endedAt ? readable(found.forecast.message) : null],
        ['Overrides', found.override ? `${found.override.reason}` : null],
      ]} />
      ${['RUNNING', 'QUEUED'].includes(found.state) ? html`<div class="buttons">
        <${Action} label="Cancel" danger path="${path}/cancel" done=${rollout.refresh} question="Stops the rollout and goes back to the release before." /></div>` : null}
      ${found.verdict ? html`<${Verdict} of=${found.verdict} />` : null}
      ${minutes.value?.minutes?.length ? html`<${Minutes} of=${minutes.value} release=${found.release} previous=${found.previous} />`
        : html`<${ErrorBox} error=${minutes.error} />`}
      ${found.failure || found.diagnosis ? html`<${Section} title="Why">
        ${found.failure ? html`<p>${found.failure.detail === found.detail ? null : readable(found.failure.detail)} ${readable(found.failure.action)}</p><${Fields} of=${found.failure.errors} />` : null}
        <${Causes} diagnosis=${found.diagnosis} /><//>` : null}`}<//>
    <${Tabs} tabs=${tabs} selected=${tab} />`;
}

/** Whoever is about to answer keeps the question when somebody else has answered it, and is told so. */
function Approval({path, asked: now, done}) {
  const [open, setOpen] = useState(null);
  const known = useRef(null);
  known.current = now ?? (open ? known.current : null);
  const asked = known.current;
  if (!asked) {
    return null;
  }
  const opened = (label) => (is) => setOpen((before) => (is ? label : before === label ? null : before));
  const body = ({reason}) => ({release: asked.release, percent: asked.percent, ...(reason ? {reason} : {})});
  const fields = [{name: 'reason', label: 'Reason'}];
  const over = 'This is not asked for any more: somebody has answered, or the rollout has ended.';
  const what = asked.percent ? `Release ${asked.release} is to get ${asked.percent} % of the traffic.` : `Release ${asked.release}'s task is to run.`;
  return html`
    <div class="asked" role="group" aria-label="Approval">
      <p><${State} of="APPROVAL">approval<//> ${what} ${asked.by === 'others' ? 'Anyone but who started it may approve.' : 'Anyone may approve.'}</p>
      <div class="buttons">
        <${Action} label="Approve" path="${path}/approve" question=${now ? what : over} fields=${fields} body=${body} done=${done} opened=${opened('Approve')} />
        <${Action} label="Reject" danger path="${path}/reject" question=${now ? 'It is rolled back.' : over} fields=${fields} body=${body} done=${done} opened=${opened('Reject')} />
      </div>
    </div>`;
}

/** The stages of ECS as a list of steps, the one that it is in marked. */
function Stages({of}) {
  if (of.strategy.strategy === 'rolling' || !of.stage) {
    return null;
  }
  const steps = [...new Set(STAGES.map(([, name]) => name))];
  const now = STAGES.find(([name]) => name === of.stage.name)?.[1];
  const reached = of.state === 'SUCCEEDED' ? steps.length : steps.indexOf(now);
  return html`
    <ol class="stages" aria-label="Stages">${steps.map((name, index) => html`
      <li class=${index < reached ? 'passed' : index > reached ? '' : of.state === 'RUNNING' ? 'now' : 'ended'} aria-current=${index === reached && of.state === 'RUNNING' ? 'step' : undefined}>
        ${name}${index < reached ? html`<span class="hidden"> (passed)</span>` : null}</li>`)}</ol>
    ${of.state === 'RUNNING' ? html`<p class="quiet">${words(of.stage.name)}, ${of.stage.percent} % of the traffic, since <${Time} at=${of.stage.since} /></p>` : null}`;
}

function Verdict({of}) {
  const rows = [['Failed requests', of.errors], ['Slow answers', of.latency]].filter(([, numbers]) => numbers?.minutes);
  return html`
    <${Section} title="Verdict">
      <p><${State} of=${of.outcome} /> ${readable(of.message)}</p>
      ${rows.length ? html`<${Table} label="Numbers of the verdict" columns=${['What', 'New release', 'Old release in the same minutes', 'Minutes', 'Evidence of worse', 'Evidence of sound']}
        rows=${rows.map(([name, numbers]) => ({key: name, cells: [name,
          `${percent(numbers.candidateFailures, numbers.candidateRequests)} of ${number(numbers.candidateRequests)}`,
          `${percent(numbers.baselineFailures, numbers.baselineRequests)} of ${number(numbers.baselineRequests)}`,
          numbers.minutes, number(numbers.worseEValue, 3), number(numbers.nonInferiorEValue, 3)]}))} />` : null}
    <//>`;
}

/** New against old release, minute by minute, and what the judge has made of it. */
function Minutes({of, release, previous}) {
  const {minutes, thresholds, slowMillis} = of;
  const starts = minutes.map((minute) => minute.start);
  const share = (side, what, whole) => minutes.map((minute) => (minute[side]?.[whole] ? (100 * minute[side][what]) / minute[side][whole] : null));
  const names = [`release ${release} (new)`, previous ? `release ${previous} (old)` : 'old'];
  const pair = (what, whole) => [
    {label: names[0], color: '--candidate', line: 'solid', values: share('candidate', what, whole)},
    {label: names[1], color: '--baseline', line: 'dotted', values: share('baseline', what, whole)}];
  const evidence = (kind) => [
    {label: 'worse', color: '--bad', line: 'solid', values: minutes.map((minute) => minute[kind]?.worseEValue ?? null)},
    {label: 'sound', color: '--good', line: 'dotted', values: minutes.map((minute) => minute[kind]?.nonInferiorEValue ?? null)},
    ...(thresholds?.[kind] ? [
      {label: 'rolled back at', color: '--bad', line: 'dashed', level: true, values: minutes.map(() => thresholds[kind].worseEValue)},
      {label: 'goes on at', color: '--good', line: 'mixed', level: true, values: minutes.map(() => thresholds[kind].nonInferiorEValue)}] : [])];
  return html`
    <${Section} title="Minute by minute">
      ${of.cut ? html`<p class="quiet">The newest minutes; older ones are not kept.</p>` : null}
      <div class="charts">
        <${Chart} title="Traffic of the new release" unit=" %" most=${100} minutes=${starts} series=${[{label: names[0], color: '--candidate', step: true, values: minutes.map((minute) => minute.percent)}]} />
        <${Chart} title="Failed requests" unit=" %" minutes=${starts} series=${pair('failures', 'requests')} />
        ${slowMillis ? html`<${Chart} title="Answers slower than ${slowMillis} ms" unit=" %" minutes=${starts} series=${pair('slow', 'timed')} />` : null}
        <${Chart} title="Evidence on failed requests" log minutes=${starts} series=${evidence('errors')} />
        ${slowMillis ? html`<${Chart} title="Evidence on slow answers" log minutes=${starts} series=${evidence('latency')} />` : null}
      </div>
      ${slowMillis ? null : html`<p class="quiet">How fast answers are is not judged: the spec names no <code>rollout.verdict.slowMillis</code>.</p>`}
      <p class="quiet">Evidence is an e-value: by chance it gets as large as 100 less than once in 100 times.
        ${minutes.some((minute) => !minute.judged) ? ` Of ${count(minutes.length, 'minute')}, ${minutes.filter((minute) => !minute.judged).length} shown and not judged: around a shift of traffic, of the warm-up, or without figures.` : ''}</p>
    <//>`;
}

function Gate({of, findings}) {
  return html`
    ${findings.length ? html`<${Section} title="Seen before it started"><ul>${findings.map((finding) => html`
      <li><${State} of=${finding.blocks ? 'FAILED' : 'DEGRADED'}>${finding.blocks ? 'blocks' : 'warning'}<//> ${readable(finding.detail)} ${readable(finding.action)}</li>`)}</ul><//>` : null}
    <${Table} label="Questions of the gate" columns=${['Question', 'Since', 'Answer', 'Checks', 'Approval']} empty="The gate was not asked yet."
      rows=${of.map((point) => ({key: `${point.stage}${point.step}`, cells: [
        `${words(point.stage)}${point.step ? `, step ${point.step}` : ''}`, html`<${Time} at=${point.since} />`,
        point.passedAt ? html`<${State} of="OK">passed<//> <${Time} at=${point.passedAt} />` : point.failureReason ? html`<${State} of="FAILED">not passed<//> ${readable(point.failureReason)}` : point.waitsFor ? waiting(point.waitsFor) : 'is asked',
        point.checks?.length ? html`<ul>${point.checks.map((check) => html`<li><${State} of=${check.passed ? 'OK' : 'FAILED'}>${check.path}<//> ${readable(check.message)}</li>`)}</ul>` : null,
        point.approval ? `${point.approval.approved ? 'approved' : 'rejected'} by ${point.approval.by}${point.approval.reason ? `: ${point.approval.reason}` : ''}`
          : point.approvalRequestedAt ? html`asked for since <${Time} at=${point.approvalRequestedAt} />` : null]}))} />`;
}

/** What was decided at the service from its start to its end, of which what is about others is left out. */
function RolloutLedger({service, rollout}) {
  const period = rollout ? `from=${rollout.startedAt}${rollout.endedAt ? `&to=${new Date(Date.parse(rollout.endedAt) + 60000).toISOString()}` : ''}` : null;
  return period ? html`<${Paged} path="${service}/ledger?limit=50&${period}" seconds=${rollout.endedAt ? 0 : MINUTES_SECONDS}>${(items) => html`
    <${LedgerRows} items=${items.filter((entry) => !entry.rollout || entry.rollout === rollout.self)} />`}<//>` : null;
}

function Settings({of}) {
  return of ? html`<pre tabindex="0" aria-label="Settings">${JSON.stringify({rollout: of.strategy, container: of.container}, null, 2)}</pre>` : null;
}
