/** The left navigation: where one can go, how many things there want attention, and where one is. */
import { endpoints } from '@coreward/contracts'
import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { NavLink } from 'react-router'
import { queryOf } from '../api/query.ts'
import { useFormat } from '../format/use-format.ts'
import { destinations } from './destinations.ts'
import classes from './navigation.module.css'

export function Navigation({ onNavigate }: { onNavigate: () => void }) {
  const { t } = useTranslation()
  const format = useFormat()
  const { data } = useQuery(queryOf(endpoints.readOverview, {}))
  const attention: Partial<Record<string, number>> = {
    detections: data?.detections.active ?? 0,
    scans: data?.scansRunning ?? 0,
  }
  return (
    <ul className={classes.list}>
      {destinations.map(({ name, to, icon: Icon }) => (
        <li key={name}>
          <NavLink to={to} end={to === '/'} className={classes.link ?? ''} onClick={onNavigate}>
            <Icon size={16} stroke={1.6} aria-hidden />
            <span>{t(`shell.page.${name}`)}</span>
            {(attention[name] ?? 0) > 0 && (
              <span
                className={classes.count}
                title={t(`shell.attention.${name === 'scans' ? 'scans' : 'detections'}`)}
              >
                {format.count(attention[name] ?? 0)}
              </span>
            )}
          </NavLink>
        </li>
      ))}
    </ul>
  )
}
