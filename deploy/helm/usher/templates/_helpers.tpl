{{- define "usher.labels" -}}
app.kubernetes.io/name: usher
app.kubernetes.io/part-of: usher
{{- end }}

{{- define "usher.image" -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end }}

{{- define "usher.settings" -}}
{{ merge (dict) .Values.settings .Values.defaultSettings | toYaml }}
{{- end }}

{{- define "usher.database" -}}
- name: USHER_DATABASE
  valueFrom: {secretKeyRef: {name: {{ .Values.secrets.database.name }}, key: {{ .Values.secrets.database.key }}}}
{{- end }}

{{- define "usher.restricted" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: {drop: [ALL]}
{{- end }}

{{- define "usher.spread" -}}
- topologyKey: {{ . }}
  maxSkew: 1
  whenUnsatisfiable: ScheduleAnyway
  labelSelector: {matchLabels: {app.kubernetes.io/name: usher}}
{{- end }}
