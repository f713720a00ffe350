/** A service: how it stands and why, what is live, what went out, what it logs. */
import {useDocument} from './api.js';
import {CompareWith} from './compare.js';
import {Deploy} from './deploy.js';
import {Drift} from './drift.js';
import {Action, Causes, Facts, Loaded, Reasons, Section, State, Table, Time, Title, Traffic, follow, html, readable, waiting} from './elements.js';
import {count, image, link, words} from './format.js';
import {Cost, Delivery, Ledger, Operations, Paged, Plans} from './histories.js';
import {Logs} from './logs.js';
import {Missing} from './missing.js';
import {Tabs} from './tabs.js';

export function Service({path, tab}) {
  const service = useDocument(path, 15);
  const status = useDocument(`${path}/status`, 15);
  const name = path.split('/');
  const environment = useDocument(status.value ? name.slice(0, 4).join('/') : null); // after what matters first
  const refresh = () => (service.refresh(), status.refresh());
  const tabs = [
    ['rollouts', 'Rollouts', () => html`<${Rollouts} path=${path} />`],
    ['tasks', 'Tasks', () => html`<${Tasks} status=${status} />`],
    ['why', 'Diagnosis', () => html`<${Why} path=${path} />`],
    ['logs', 'Logs', () => html`<${Logs} path=${path} />`],
    ['releases', 'Releases', () => html`<${Releases} path=${path} live=${service.value ? service.value.live?.release?.number ?? 0 : null} done=${refresh} />`],
    ['plans', 'Plans', () => html`<${Plans} path=${path} />`],
    ['operations', 'Operations', () => html`<${Operations} path=${path} />`],
    ['ledger', 'Ledger', () => html`<${Ledger} path=${path} />`],
    ['delivery', 'Delivery', () => html`<${Delivery} path=${path} />`],
    ['drift', 'Drift', () => html`<${Drift} path=${path} />`],
    ['compare', 'Compare', () => html`<${CompareWith} path=${path} />`],
    ['cost', 'Cost', () => html`<${Cost} path=${path} />`],
  ];
  if (service.error?.missing) {
    return html`<${Missing} path=${path} why=${service.error.problem.detail} />`;
  }
  return html`
    <${Title}>${name[3]}/${name[5]}<//>
    <${Loaded} of=${status}>${(now) => html`
      <p class="standing"><${State} of=${now.state} /> <span class="quiet">as of <${Time} at=${now.checkedAt} /></span></p>
      ${now.reasons ? html`<${Reasons} of=${now.reasons} />` : null}`}<//>
    <${Loaded} of=${service}>${(found) => {
      const none = found.live ? undefined : 'Nothing is live yet.';
      return html`
      <${Facts} of=${[
        ['Live', found.live ? html`release ${found.live.release.number} (${found.live.release.tag ?? image(found.live.release.image)})` : 'nothing yet'],
        ['Traffic', found.live?.traffic ? html`<${Traffic} shares=${found.live.traffic.map((share) => ({
          name: share.release ? `release ${share.release}` : 'none of the service’s', percent: share.percent,
          candidate: share.release !== found.live.release.number}))} />` : null],
        ['Tasks', found.live?.tasks ? `${found.live.tasks.running} of ${count(found.live.tasks.desired, 'task')} running${found.live.tasks.pending ? `, ${found.live.tasks.pending} starting` : ''}` : null],
        ['Scaling', readable(found.live?.scaling?.summary)],
        ['Alarms', found.alarms ? html`<${State} of=${found.alarms.state} /> ${readable(found.alarms.summary)}` : null],
        ['Otherwise than declared', readable(found.drift)],
        ['Lacks of its environment', readable(found.outdated)],
        ['Under way', found.operation ? html`<a href=${link(found.operation.rollout ?? found.operation.self)}>${words(found.operation.type)}, in phase ${found.operation.phase}</a>` : null],
        ['Pipeline', found.pipeline ? html`<a href=${link(found.pipeline.self)}>${found.pipeline.self.split('/').at(-1)}</a>` : null],
        ['Reached at', found.urls?.map((url) => html`<span class="address">${url}</span> `)],
      ]} />
      <div class="buttons">
        <${Deploy} path=${path} declared=${found.declared} />
        <${Action} label="Roll back" danger path="${path}/rollback" done=${follow} blocked=${none}
          question="Makes the release before live again, with its own container settings." />
        <${Action} label="Restart" path="${path}/restart" done=${follow} blocked=${none}
          question="Starts what is live anew, with new tasks, by the strategy of the spec." />
        ${found.live?.release ? environment.value?.declared.promoteTo?.map((to) => html`<a class="button" href="#/diff/${name[3]}/${to}/services/${name[5]}">Promote to ${to} …</a>`) : null}
      </div>`;
    }}<//>
    <${Tabs} tabs=${tabs} selected=${tab} />`;
}

function Rollouts({path}) {
  return html`<${Paged} path="${path}/rollouts?limit=20" seconds=${10}>${(items) => html`
    <${Table} label="Rollouts" columns=${['Rollout', 'State', 'Release', 'Strategy', 'By', 'How it ended, or what it waits for']} empty="Nothing was rolled out yet."
      rows=${items.map((rollout) => ({key: rollout.id, cells: [
        html`<a href=${link(rollout.self)}>${words(rollout.reason)} of <${Time} at=${rollout.startedAt} /></a>`,
        html`<${State} of=${rollout.state} />`,
        `${rollout.release ?? '–'}${rollout.tag ? ` (${rollout.tag})` : ''}`,
        rollout.strategy.strategy.replace('_', '/'),
        rollout.startedBy,
        readable(rollout.detail) ?? (rollout.waitsFor ? waiting(rollout.waitsFor) : readable(rollout.verdict?.message))]}))} />`}<//>`;
}

/** By zone: what runs, what the load balancer finds, what stopped. */
function Tasks({status}) {
  return html`<${Loaded} of=${status}>${(now) => {
    const zones = [...new Set([...(now.tasks ?? []).map((task) => task.zone ?? 'unknown'), ...Object.keys(now.targets ?? {})])].sort();
    return html`
      ${zones.map((zone) => html`
        <${Section} key=${zone} title="${zone}">
          ${now.targets?.[zone] ? html`<p>Targets: ${now.targets[zone].healthy} healthy, ${now.targets[zone].unhealthy} unhealthy, ${now.targets[zone].other} neither.</p>` : null}
          <${Table} label="Tasks in ${zone}" columns=${['Task', 'Release', 'Status', 'Target', 'Started']}
            rows=${(now.tasks ?? []).filter((task) => (task.zone ?? 'unknown') === zone).map((task) => ({key: task.id, cells: [
              html`<code title=${task.id}>${task.id.slice(0, 8)}</code>`, task.release ?? 'none of the service’s', words(task.status), task.target, html`<${Time} at=${task.startedAt} />`]}))} />
        <//>`)}
      <${Section} title="Stopped in the last hour">
        <${Table} label="Stopped tasks" columns=${['When', 'Release', 'Zone', 'Why']}
          rows=${(now.stops ?? []).map((stop) => ({key: stop.at, cells: [html`<${Time} at=${stop.at} />`, stop.release, stop.zone, readable(stop.reason)]}))} />
      <//>`;
  }}<//>`;
}

function Why({path}) {
  const report = useDocument(`${path}/diagnosis`, 30);
  return html`<${Loaded} of=${report}>${(found) => html`
    <${Causes} diagnosis=${found.diagnosis} />
    ${found.lastFailure ? html`<${Section} title="The last failure"><${Causes} diagnosis=${found.lastFailure.diagnosis} /><//>` : null}`}<//>`;
}

function Releases({path, live, done}) {
  return html`<${Paged} path="${path}/releases?limit=20">${(items) => html`
    <${Table} label="Releases" columns=${['Release', 'Image', 'Commit', 'Made', 'Live since', 'Note', 'To do']} rows=${items.map((release) => ({key: release.number, cells: [
      release.number, html`<code title=${release.image}>${release.tag ?? image(release.image)}</code>`, release.commit ? html`<code>${release.commit.slice(0, 12)}</code>` : null,
      html`<${Time} at=${release.createdAt} /> by ${release.createdBy}`, html`<${Time} at=${release.liveAt} />`,
      release.number === live ? html`<${State} of="OK">live<//>` : release.rolledBack ? html`rolled back: ${readable(release.rolledBack)}` : release.imageKept ? null : 'its image may expire',
      live !== null && release.number !== live && release.liveAt && release.imageKept
        ? html`<${Action} label="Make ${release.number} live" path="${path}/rollback" body=${() => ({release: release.number})} done=${(answer) => { done(); follow(answer); }}
            question="Makes release ${release.number} live again, with its own container settings." />` : null]}))} />`}<//>`;
}
