/** The pages one can go to from anywhere: for the navigation and the command palette. */
import {
  IconActivity,
  IconAdjustments,
  IconBug,
  IconFingerprint,
  IconLayoutDashboard,
  IconListSearch,
  IconPlugConnected,
  IconServer2,
} from '@tabler/icons-react'

/** In the order they are shown. */
export const destinations = [
  { name: 'overview', to: '/', icon: IconLayoutDashboard },
  { name: 'hosts', to: '/hosts', icon: IconServer2 },
  { name: 'detections', to: '/detections', icon: IconBug },
  { name: 'scans', to: '/scans', icon: IconListSearch },
  { name: 'events', to: '/events', icon: IconActivity },
  { name: 'policy', to: '/policy', icon: IconAdjustments },
  { name: 'definitions', to: '/definitions', icon: IconFingerprint },
  { name: 'enrollment', to: '/enrollment', icon: IconPlugConnected },
] as const
