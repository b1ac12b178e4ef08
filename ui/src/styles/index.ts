// In this order: the tokens, other people's components, then how they are dressed here.
import './tokens.scss';
import './govuk.scss';
import './moj.scss';
import './base.scss';
import './components.scss';
