/** What is different in two environments, and the promotion of what is live from one to the other. */
import {useCallback} from 'preact/hooks';
import {ask, get, getAll, useDocument} from './api.js';
import {Action, Facts, Loaded, Section, State, Table, Title, follow, html, readable} from './elements.js';
import {link, short, words} from './format.js';

/** A finding that a reason answers. */
const UNPROVEN = 'not-proven';

/** From an environment, or a service in it, to where it is compared with another. */
export function CompareWith({path}) {
  const environments = useDocument('/v1/environments', 0, getAll);
  const [from, ...service] = path.split('/').slice(3);
  return html`<${Loaded} of=${environments}>${({items}) => {
    const others = items.map(({name}) => name).filter((name) => name !== from);
    return others.length ? html`<ul class="plain">${others.map((to) => html`
      <li><a href="#/${['diff', from, to, ...service].join('/')}">${from} → ${to}</a></li>`)}</ul>` : html`<p class="none">There is no other environment.</p>`;
  }}<//>`;
}

/** Of all services of two environments, one after the other. */
export function EnvironmentComparison({path}) {
  const [from, to] = path.split('/').slice(3);
  const all = useDocument(path, 0, compareAll);
  return html`
    <${Title}>${from} → ${to}<//>
    <p><a href="#/diff/${to}/${from}">The other way round</a></p>
    <${Loaded} of=${all}>${({items}) => html`
      <${Table} label="Services of ${from} and ${to}" columns=${['Service', `Release in ${from}`, `Release in ${to}`, 'Different']} empty="Neither has a service."
        rows=${items.map((one) => ({key: one.service, cells: [
          one.differences ? html`<a href=${`#/diff/${from}/${to}/services/${one.service}`}>${one.service}</a>` : one.service,
          one.from ? release(one.from) : null, one.to ? release(one.to) : null,
          one.problem ?? (one.only ? `only in ${one.only}` : one.differences.map(({setting}) => setting).join(', ') || 'nothing')]}))} />`}<//>`;
}

async function compareAll(path, signal, more) {
  const names = path.split('/').slice(3);
  const [here, there] = await Promise.all(names.map(async (name) => (await get(`/v1/environments/${name}`, signal)).services ?? []));
  const items = [];
  for (const service of [...new Set([...here, ...there])].sort()) {
    if (here.includes(service) && there.includes(service)) {
      items.push(await get(`${path}/services/${service}`, signal).catch((error) => {
        if (error.status !== 403 && error.status !== 404) {
          throw error;
        }
        return {service, problem: error.problem.detail}; // of this one only
      }));
    } else {
      items.push({service, only: here.includes(service) ? names[0] : names[1]});
    }
    more({items: [...items]});
  }
  return {items};
}

function release(side) {
  return side.release ? `${side.release}${side.tag ? ` (${side.tag})` : ''}` : 'nothing live';
}

export function ServiceComparison({path}) {
  const [from, to, , service] = path.split('/').slice(3);
  const comparison = useDocument(path, 30);
  return html`
    <${Title}>${service}: ${from} → ${to}<//>
    <p><a href="#/diff/${to}/${from}/services/${service}">The other way round</a></p>
    <${Section} title="What is different">
      <${Loaded} of=${comparison}>${(found) => html`
        <${Facts} of=${[found.from, found.to].map((side) => [html`Live in <a href="#/environments/${side.environment}/services/${service}">${side.environment}</a>`,
          html`release ${release(side)} <code title=${side.digest}>${side.digest ? short(side.digest) : ''}</code>`])} />
        <${Table} label="Differences" columns=${['Setting', 'Part', from, to]} empty="Nothing: both declare the same and have the same image live."
          rows=${found.differences.map((one) => ({key: one.setting, cells: [html`<code>${one.setting}</code>`, words(one.part), value(one, 'from', from), value(one, 'to', to)]}))} />`}<//>
    <//>
    <${Promotion} from=${from} to=${to} service=${service} />`;
}

/** Values of variables and secrets are not shown, only whether there is one. */
function value(difference, side, environment) {
  return difference[side] !== undefined ? html`<code>${short(difference[side])}</code>` : difference.in.includes(environment) ? 'another, not shown' : 'nothing';
}

function Promotion({from, to, service}) {
  const path = `/v1/environments/${to}/services/${service}/promotions`;
  const look = useCallback((dryRun) => ask('POST', dryRun, {from}), [from]);
  const candidate = useDocument(`${path}?dryRun=true`, 60, look);
  return html`
    <${Section} title="Promotion to ${to}">
      <${Loaded} of=${candidate}>${(found) => html`
        <p><${State} of=${found.proven ? 'HEALTHY' : 'NOT_ENOUGH_EVIDENCE'}>${found.proven ? 'proven' : 'not proven'}<//> ${readable(found.evidence)}
          ${found.rollout ? html` <a href=${link(found.rollout)}>Its rollout in ${from}</a>` : null}</p>
        ${found.findings.length ? html`<ul>${found.findings.map((finding) => html`
          <li><${State} of=${finding.blocks && finding.code !== UNPROVEN ? 'FAILED' : 'DEGRADED'}>${finding.code === UNPROVEN ? 'needs a reason' : finding.blocks ? 'refused' : 'warning'}<//> ${readable(finding.detail)} ${finding.action ? readable(finding.action) : null}</li>`)}</ul>` : null}
        <${Facts} of=${[
          ['Image', html`<code title=${found.digest}>${found.tag ?? short(found.digest)}</code>`],
          ['Commit', found.commit ? html`<code>${found.commit.slice(0, 12)}</code>` : null],
          ['Settings that are others there', found.settings.join(', ')],
          ['Expected', found.forecast ? readable(found.forecast.message) : null],
        ]} />
        <div class="buttons">
          <${Action} label="Promote to ${to}" path=${path} done=${follow}
            question="Rolls what is live in ${from} out in ${to}, the same image by its digest, by the strategy of the spec there."
            blocked=${found.findings.find((finding) => finding.blocks && finding.code !== UNPROVEN)?.detail}
            fields=${found.proven ? [] : [{name: 'reason', label: 'Reason, as no healthy verdict was given on it', required: true}]}
            body=${({reason}) => ({from, ...(reason ? {reason} : {})})} />
        </div>`}<//>
    <//>`;
}
