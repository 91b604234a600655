/** Turns the plan of a dashboard into Grafana's JSON. */
import {
  ReduceDataOptionsBuilder,
  SortOrder,
  TooltipDisplayMode,
  VizLegendOptionsBuilder,
  VizTooltipOptionsBuilder,
} from '@grafana/grafana-foundation-sdk/common';
import {
  DashboardBuilder,
  DashboardCursorSync,
  DatasourceVariableBuilder,
  RowBuilder,
  ThresholdsConfigBuilder,
  ThresholdsMode,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { DataqueryBuilder } from '@grafana/grafana-foundation-sdk/prometheus';
import { PanelBuilder as StatBuilder } from '@grafana/grafana-foundation-sdk/stat';
import { PanelBuilder as GraphBuilder } from '@grafana/grafana-foundation-sdk/timeseries';

export interface Panel {
  title: string;
  /** What it shows; the text behind the "i" of the panel. */
  about: string;
  /** A unit of Grafana. */
  unit: string;
  /** Expressions of Prometheus, by their legend. */
  shows: Record<string, string>;
  /** A number is red from this value on. */
  bad?: number;
}

export interface DashboardPlan {
  /** The name of the file. */
  name: string;
  title: string;
  about: string;
  /** The newest values, each as one number. */
  numbers?: Panel[];
  /** Graphs by the title of their row. */
  rows: Record<string, Panel[]>;
}

/** The source is a variable, so the dashboards can be imported into any Grafana. */
const datasource = { type: 'prometheus', uid: '${datasource}' };
/** A dashboard is 24 wide. */
const width = 24;

export function toDashboard({ name, title, about, numbers = [], rows }: DashboardPlan) {
  const dashboard = new DashboardBuilder(title)
    .uid(`rideflow-${name}`)
    .description(about)
    .tags(['rideflow'])
    .refresh('5s')
    .time({ from: 'now-15m', to: 'now' })
    .timezone('browser')
    .tooltip(DashboardCursorSync.Crosshair)
    .withVariable(new DatasourceVariableBuilder('datasource').label('Prometheus').type('prometheus'));
  let id = 0;
  for (const panel of numbers) dashboard.withPanel(asNumber(panel, width / numbers.length).id(++id));
  for (const [row, panels] of Object.entries(rows)) {
    dashboard.withRow(new RowBuilder(row).id(++id));
    for (const panel of panels) dashboard.withPanel(asGraph(panel).id(++id));
  }
  return dashboard.build();
}

function asNumber(panel: Panel, width: number): StatBuilder {
  const steps = [{ value: null, color: 'green' }, ...(panel.bad ? [{ value: panel.bad, color: 'red' }] : [])];
  return filled(new StatBuilder(), panel, 'instant')
    .thresholds(new ThresholdsConfigBuilder().mode(ThresholdsMode.Absolute).steps(steps))
    .reduceOptions(new ReduceDataOptionsBuilder().calcs(['lastNotNull']))
    .span(width)
    .height(4);
}

function asGraph(panel: Panel): GraphBuilder {
  return filled(new GraphBuilder(), panel)
    .min(0)
    .fillOpacity(10)
    .legend(new VizLegendOptionsBuilder().showLegend(true))
    .tooltip(new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi).sort(SortOrder.Descending))
    .span(width / 2)
    .height(8);
}

/** @param how `instant`: the value of now, so that a service that is gone has none */
function filled<B extends StatBuilder | GraphBuilder>(
  builder: B,
  { title, about, unit, shows }: Panel,
  how: 'instant' | 'range' = 'range',
): B {
  builder.title(title).description(about).unit(unit).datasource(datasource);
  for (const [index, [legend, expr]] of Object.entries(shows).entries())
    builder.withTarget(
      new DataqueryBuilder()
        .refId(String.fromCharCode(65 + index))
        .datasource(datasource)
        .expr(expr)
        .legendFormat(legend)
        [how](),
    );
  return builder;
}
