import '../../../../shared/src/page/style.css';
import './page.css';
import { render } from 'preact';
import { App } from './App.tsx';
import { keepAddress } from './address.ts';
import { keepComparison } from './compare/compare.ts';
import { keepControls } from './controls/state.ts';
import { keepPlay } from './play/play.ts';
import { follow } from './ride/choice.ts';
import { takeMoment } from './share/moment.ts';
import { watches } from './share/watches.ts';
import { connect } from './stream.ts';
import { keepChannel } from './teaching/channel.ts';
import { keepKeys } from './teaching/keys.ts';
import { listen, Notes } from './teaching/Notes.tsx';
import { keepLessons } from './teaching/run.ts';
import { keepTime } from './time/keep.ts';
import { keepOlder } from './time/scroll.ts';
import './theme.ts';

if (location.pathname === '/notes') {
  render(<Notes />, document.body);
  listen();
} else {
  render(<App />, document.body);
  connect(keepTime);
  const opened = location.href;
  keepAddress();
  takeMoment(opened);
  follow();
  keepControls();
  keepOlder();
  keepPlay();
  keepComparison();
  if (!watches) {
    keepLessons();
    keepChannel();
    keepKeys();
  }
}
