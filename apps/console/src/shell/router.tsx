/** Every address of the console and the page it shows. Addresses are nouns in the plural; a thing stands below its list. */
import { createBrowserRouter } from 'react-router'
import { HostPage } from '../agents/host-page.tsx'
import { HostsPage } from '../agents/hosts-page.tsx'
import { DefinitionsPage } from '../definitions/definitions-page.tsx'
import { DetectionPage } from '../detections/detection-page.tsx'
import { DetectionsPage } from '../detections/detections-page.tsx'
import { EnrollmentPage } from '../enrollment/enrollment-page.tsx'
import { EventsPage } from '../events/events-page.tsx'
import { OverviewPage } from '../live/overview-page.tsx'
import { SetupPage } from '../operators/setup-page.tsx'
import { SignInPage } from '../operators/sign-in-page.tsx'
import { PolicyPage } from '../policies/policy-page.tsx'
import { ScanPage } from '../scans/scan-page.tsx'
import { ScansPage } from '../scans/scans-page.tsx'
import { Crashed } from './crashed.tsx'
import { Frame } from './frame.tsx'
import { NotFoundPage } from './not-found-page.tsx'

export const router = createBrowserRouter([
  {
    errorElement: <Crashed />,
    children: [
      { path: '/setup', element: <SetupPage /> },
      { path: '/sign-in', element: <SignInPage /> },
      {
        element: <Frame />,
        children: [
          {
            errorElement: <Crashed />,
            children: [
              { index: true, element: <OverviewPage /> },
              { path: '/hosts', element: <HostsPage /> },
              { path: '/hosts/:agentId', element: <HostPage /> },
              { path: '/detections', element: <DetectionsPage /> },
              { path: '/detections/:detectionId', element: <DetectionPage /> },
              { path: '/scans', element: <ScansPage /> },
              { path: '/scans/:scanId', element: <ScanPage /> },
              { path: '/events', element: <EventsPage /> },
              { path: '/policy', element: <PolicyPage /> },
              { path: '/definitions', element: <DefinitionsPage /> },
              { path: '/enrollment', element: <EnrollmentPage /> },
              { path: '*', element: <NotFoundPage /> },
            ],
          },
        ],
      },
    ],
  },
])
