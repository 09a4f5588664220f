// Calls every method of the services of Verda's Go SDK.
package main

import (
	"context"
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/verda-cloud/verdacloud-sdk-go/pkg/verda"
)

var (
	passed, failed int
	called         = map[string]bool{}
	ctx            = context.Background()
)

// ok counts a call without a result. A failure ends the program, because later calls build on earlier ones.
func ok(name string, err error) {
	called[name] = true
	if err != nil {
		failed++
		fmt.Printf("%s failed: %v\n", name, err)
		finish(nil)
	}
	passed++
}

// got counts a call, and returns its result.
func got[T any](name string) func(T, error) T {
	return func(result T, err error) T {
		ok(name, err)
		return result
	}
}

func equal[T comparable](name string, actual, expected T) {
	if actual != expected {
		ok(name, fmt.Errorf("%v is not %v", actual, expected))
	}
	passed++
}

// finish reports methods that were not called, and prints the counts that run.ts reads.
func finish(client *verda.Client) {
	for _, name := range notCalled(client) {
		failed++
		fmt.Println(name, "was not called.")
	}
	fmt.Printf("{\"passed\": %d, \"failed\": %d}\n", passed, failed)
	if failed > 0 {
		os.Exit(1)
	}
	os.Exit(0)
}

func notCalled(client *verda.Client) (names []string) {
	if client == nil {
		return nil
	}
	value := reflect.ValueOf(client).Elem()
	for i := range value.NumField() {
		field := value.Type().Field(i)
		if !field.IsExported() || !strings.HasSuffix(field.Type.String(), "Service") {
			continue
		}
		for j := range field.Type.NumMethod() {
			if name := field.Name + "." + field.Type.Method(j).Name; !called[name] && !slices.Contains(unknown, name) {
				names = append(names, name)
			}
		}
	}
	slices.Sort(names)
	return names
}

// unknown has the methods whose effect no source documents. The simulator refuses these actions.
var unknown = []string{"Instances.ConfigureSpot", "Instances.Deploy", "Instances.Transfer"}

func pointer[T any](value T) *T { return &value }

func main() {
	client := got[*verda.Client]("NewClient")(verda.NewClient(
		verda.WithBaseURL(os.Getenv("VERDA_BASE_URL")+"/v1"),
		verda.WithClientID(os.Getenv("VERDA_CLIENT_ID")),
		verda.WithClientSecret(os.Getenv("VERDA_CLIENT_SECRET")),
	))
	authentication(client)
	catalog(client)
	key := got[*verda.SSHKey]("SSHKeys.AddSSHKey")(
		client.SSHKeys.AddSSHKey(ctx, &verda.CreateSSHKeyRequest{Name: "laptop", PublicKey: os.Getenv("PUBLIC_KEY")}))
	instances(client, key.ID)
	clusters(client, key.ID)
	deployments(client)
	jobs(client)
	keysAndScripts(client, key.ID)
	finish(client)
}

func authentication(client *verda.Client) {
	got[*verda.TokenResponse]("Auth.Authenticate")(client.Auth.Authenticate())
	got[*verda.TokenResponse]("Auth.RefreshToken")(client.Auth.RefreshToken())
	got[*verda.TokenResponse]("Auth.GetValidToken")(client.Auth.GetValidToken())
	got[string]("Auth.GetBearerToken")(client.Auth.GetBearerToken())
	called["Auth.IsExpired"] = true
	equal("Auth.IsExpired", client.Auth.IsExpired(), false)
}

func catalog(client *verda.Client) {
	got[*verda.Balance]("Balance.Get")(client.Balance.Get(ctx))
	equal("Locations.Get", len(got[[]verda.Location]("Locations.Get")(client.Locations.Get(ctx))), 4)
	for _, currency := range []string{"usd", "eur"} {
		got[[]verda.InstanceTypeInfo]("InstanceTypes.Get")(client.InstanceTypes.Get(ctx, currency))
		got[[]verda.ContainerType]("ContainerTypes.Get")(client.ContainerTypes.Get(ctx, currency))
		got[[]verda.ClusterType]("Clusters.GetClusterTypes")(client.Clusters.GetClusterTypes(ctx, currency))
	}
	one := got[*verda.InstanceTypeInfo]("InstanceTypes.GetByInstanceType")(
		client.InstanceTypes.GetByInstanceType(ctx, "1V100.6V", true, "FIN-01", "usd"))
	equal("InstanceTypes.GetByInstanceType", one.InstanceType, "1V100.6V")
	got[verda.InstanceTypePriceHistory]("InstanceTypes.GetPriceHistory")(client.InstanceTypes.GetPriceHistory(ctx, 1, "usd"))
	got[[]verda.Image]("Images.Get")(client.Images.Get(ctx))
	got[[]verda.Image]("Images.GetImagesByInstanceType")(client.Images.GetImagesByInstanceType(ctx, "8B300.240V"))
	got[[]verda.ClusterImage]("Images.GetClusterImages")(client.Images.GetClusterImages(ctx))
	got[[]verda.ClusterImage]("Clusters.GetImages")(client.Clusters.GetImages(ctx))
	got[[]verda.VolumeType]("VolumeTypes.GetAllVolumeTypes")(client.VolumeTypes.GetAllVolumeTypes(ctx))
	got[[]verda.LongTermPeriod]("LongTerm.GetInstancePeriods")(client.LongTerm.GetInstancePeriods(ctx))
	got[[]verda.LongTermPeriod]("LongTerm.GetClusterPeriods")(client.LongTerm.GetClusterPeriods(ctx))
	got[[]verda.LongTermPeriod]("LongTerm.GetPeriods")(client.LongTerm.GetPeriods(ctx))
	got[[]verda.LocationAvailability]("InstanceAvailability.GetAllAvailabilities")(
		client.InstanceAvailability.GetAllAvailabilities(ctx, true, "FIN-01"))
	equal("InstanceAvailability.GetInstanceTypeAvailability", got[bool]("InstanceAvailability.GetInstanceTypeAvailability")(
		client.InstanceAvailability.GetInstanceTypeAvailability(ctx, "1V100.6V", false, "FIN-01")), true)
	equal("Clusters.CheckClusterTypeAvailability", got[bool]("Clusters.CheckClusterTypeAvailability")(
		client.Clusters.CheckClusterTypeAvailability(ctx, "16H200", "FIN-01")), false)
	available := got[[]verda.ClusterAvailability]("Clusters.GetAvailabilities")(client.Clusters.GetAvailabilities(ctx, "FIN-01"))
	equal("Clusters.GetAvailabilities", len(available[0].Availabilities), 0)
}

// running creates an instance, and waits until it runs.
func running(client *verda.Client, keyID string) *verda.Instance {
	made := got[*verda.Instance]("Instances.Create")(client.Instances.Create(ctx, verda.CreateInstanceRequest{
		InstanceType: "1V100.6V", Image: "ubuntu-24.04", Hostname: "host", Description: "d",
		SSHKeyIDs: []string{keyID}, LocationCode: "FIN-01", Contract: "PAY_AS_YOU_GO",
		OSVolume: &verda.OSVolumeCreateRequest{Name: "os", Size: 60},
	}))
	return reaches(client, made.ID, verda.StatusRunning)
}

func reaches(client *verda.Client, id, status string) *verda.Instance {
	for range 100 {
		instance := got[*verda.Instance]("Instances.GetByID")(client.Instances.GetByID(ctx, id))
		if instance.Status == status {
			return instance
		}
		time.Sleep(200 * time.Millisecond)
	}
	ok("Instances.GetByID", fmt.Errorf("%s did not become %s in time", id, status))
	return nil
}

func instances(client *verda.Client, keyID string) {
	service := client.Instances
	got[[]verda.LocationAvailability]("Instances.GetLocationAvailabilities")(service.GetLocationAvailabilities(ctx))
	got[bool]("Instances.CheckInstanceTypeAvailability")(service.CheckInstanceTypeAvailability(ctx, "1V100.6V"))
	instance := running(client, keyID)
	equal("Instances.Get", len(got[[]verda.Instance]("Instances.Get")(service.Get(ctx, "running"))), 1)
	ok("Instances.Shutdown", service.Shutdown(ctx, instance.ID))
	reaches(client, instance.ID, verda.StatusOffline)
	volumes(client, instance.ID)
	ok("Instances.Start", service.Start(ctx, instance.ID))
	reaches(client, instance.ID, verda.StatusRunning)
	ok("Instances.ForceShutdown", service.ForceShutdown(ctx, instance.ID))
	ok("Instances.Boot", service.Boot(ctx, instance.ID))
	reaches(client, instance.ID, verda.StatusRunning)
	got[[]verda.InstanceActionResult]("Instances.Action")(
		service.Action(ctx, verda.InstanceActionRequest{Action: verda.ActionShutdown, ID: []string{instance.ID}}))
	ok("Instances.Hibernate", service.Hibernate(ctx, instance.ID))
	second := running(client, keyID)
	ok("Instances.Delete", service.Delete(ctx, []string{second.ID}, []string{*second.OSVolumeID}, true))
	stuck := running(client, keyID)
	ok("Instances.DeleteStuck", service.DeleteStuck(ctx, []string{*stuck.OSVolumeID}, stuck.ID))
	third := running(client, keyID)
	ok("Instances.Discontinue", service.Discontinue(ctx, []string{third.ID}, []string{*third.OSVolumeID}, true))
	for len(got[[]verda.Instance]("Instances.Get")(service.Get(ctx, ""))) > 0 {
		time.Sleep(200 * time.Millisecond)
	}
	deleteVolumes(client)
}

func deleteVolumes(client *verda.Client) {
	for _, volume := range got[[]verda.Volume]("Volumes.ListVolumes")(client.Volumes.ListVolumes(ctx)) {
		ok("Volumes.DeleteVolume", client.Volumes.DeleteVolume(ctx, volume.ID, true))
	}
}

func volumes(client *verda.Client, instanceID string) {
	service := client.Volumes
	id := got[string]("Volumes.CreateVolume")(service.CreateVolume(ctx,
		verda.VolumeCreateRequest{Size: 60, Type: verda.VolumeTypeNVMe, Name: "data", LocationCode: "FIN-01"}))
	ok("Volumes.AttachVolume", service.AttachVolume(ctx, id, verda.VolumeAttachRequest{InstanceID: instanceID}))
	attached := got[*verda.Volume]("Volumes.GetVolume")(service.GetVolume(ctx, id))
	equal("Volumes.GetVolume", *attached.InstanceID, instanceID)
	ok("Volumes.DetachVolume", service.DetachVolume(ctx, id, verda.VolumeDetachRequest{InstanceID: instanceID}))
	ok("Volumes.RenameVolume", service.RenameVolume(ctx, id, verda.VolumeRenameRequest{Name: "renamed"}))
	ok("Volumes.ResizeVolume", service.ResizeVolume(ctx, id, verda.VolumeResizeRequest{Size: 70}))
	clone := got[string]("Volumes.CloneVolume")(service.CloneVolume(ctx, id, verda.VolumeCloneRequest{Name: "copy"}))
	detached := got[[]verda.Volume]("Volumes.ListVolumesByStatus")(service.ListVolumesByStatus(ctx, verda.VolumeStatusDetached))
	equal("Volumes.ListVolumesByStatus", len(detached), 2)
	ok("Volumes.DeleteVolume", service.DeleteVolume(ctx, clone, false))
	trash := got[[]verda.VolumeInTrash]("Volumes.GetVolumesInTrash")(service.GetVolumesInTrash(ctx))
	equal("Volumes.GetVolumesInTrash", trash[0].ID, clone)
	ok("Volumes.DeleteVolume", service.DeleteVolume(ctx, clone, true))
}

func clusters(client *verda.Client, keyID string) {
	service := client.Clusters
	made := got[*verda.CreateClusterResponse]("Clusters.Create")(service.Create(ctx, verda.CreateClusterRequest{
		ClusterType: "16H200", Image: "ubuntu-24.04", Hostname: "cluster", Description: "d", SSHKeyIDs: []string{keyID},
		LocationCode: "FIN-03", SharedVolume: verda.ClusterSharedVolumeSpec{Name: "shared", Size: 1000},
	}))
	got[*verda.Cluster]("Clusters.GetByID")(service.GetByID(ctx, made.ID))
	equal("Clusters.Get", got[[]verda.Cluster]("Clusters.Get")(service.Get(ctx))[0].ID, made.ID)
	ok("Clusters.Discontinue", service.Discontinue(ctx, []string{made.ID}))
	deleteVolumes(client)
}

func deployments(client *verda.Client) {
	service := client.ContainerDeployments
	got[[]verda.ComputeResource]("ContainerDeployments.GetServerlessComputeResources")(service.GetServerlessComputeResources(ctx))
	secrets(client)
	made := got[*verda.ContainerDeployment]("ContainerDeployments.CreateDeployment")(service.CreateDeployment(ctx,
		&verda.CreateDeploymentRequest{
			Name: "llm", Compute: verda.ContainerCompute{Name: "H100", Size: 1},
			Containers: []verda.CreateDeploymentContainer{{Image: "docker.io/me/llm:1", ExposedPort: 8000}},
			Scaling: verda.ContainerScalingOptions{
				MaxReplicaCount: 2, QueueMessageTTLSeconds: 60, ConcurrentRequestsPerReplica: 1,
				ScaleDownPolicy: &verda.ScalingPolicy{DelaySeconds: 60}, ScaleUpPolicy: &verda.ScalingPolicy{},
				ScalingTriggers: &verda.ScalingTriggers{QueueLoad: &verda.QueueLoadTrigger{Threshold: 1}},
			},
		}))
	name := made.Containers[0].Name
	equal("ContainerDeployments.GetDeployments",
		len(got[[]verda.ContainerDeployment]("ContainerDeployments.GetDeployments")(service.GetDeployments(ctx))), 1)
	got[[]verda.ContainerDeployment]("ContainerDeployments.GetDeploymentsForProject")(service.GetDeploymentsForProject(ctx, "p"))
	got[*verda.ContainerDeployment]("ContainerDeployments.GetDeploymentByName")(service.GetDeploymentByName(ctx, "llm"))
	updated := got[*verda.ContainerDeployment]("ContainerDeployments.UpdateDeployment")(
		service.UpdateDeployment(ctx, "llm", &verda.UpdateDeploymentRequest{IsSpot: pointer(true)}))
	equal("ContainerDeployments.UpdateDeployment", updated.IsSpot, true)
	got[*verda.ContainerDeploymentStatus]("ContainerDeployments.GetDeploymentStatus")(service.GetDeploymentStatus(ctx, "llm"))
	got[*verda.DeploymentReplicas]("ContainerDeployments.GetDeploymentReplicas")(service.GetDeploymentReplicas(ctx, "llm"))
	got[*verda.ContainerScalingOptions]("ContainerDeployments.GetDeploymentScaling")(service.GetDeploymentScaling(ctx, "llm"))
	scaled := got[*verda.ContainerScalingOptions]("ContainerDeployments.UpdateDeploymentScaling")(
		service.UpdateDeploymentScaling(ctx, "llm", &verda.UpdateScalingOptionsRequest{MaxReplicaCount: pointer(3)}))
	equal("ContainerDeployments.UpdateDeploymentScaling", scaled.MaxReplicaCount, 3)
	variable := verda.ContainerEnvVar{Type: "plain", Name: "A", ValueOrReferenceToSecret: "1"}
	variables := &verda.ContainerEnvVarsRequest{ContainerName: name, Env: []verda.ContainerEnvVar{variable}}
	ok("ContainerDeployments.AddEnvironmentVariables", service.AddEnvironmentVariables(ctx, "llm", variables))
	ok("ContainerDeployments.UpdateEnvironmentVariables", service.UpdateEnvironmentVariables(ctx, "llm", variables))
	got[[]verda.ContainerEnvVar]("ContainerDeployments.GetEnvironmentVariables")(service.GetEnvironmentVariables(ctx, "llm"))
	ok("ContainerDeployments.DeleteEnvironmentVariables", service.DeleteEnvironmentVariables(ctx, "llm",
		&verda.DeleteContainerEnvVarsRequest{ContainerName: name, Env: []string{"A"}}))
	ok("ContainerDeployments.RestartDeployment", service.RestartDeployment(ctx, "llm"))
	ok("ContainerDeployments.PauseDeployment", service.PauseDeployment(ctx, "llm"))
	ok("ContainerDeployments.ResumeDeployment", service.ResumeDeployment(ctx, "llm"))
	ok("ContainerDeployments.PurgeDeploymentQueue", service.PurgeDeploymentQueue(ctx, "llm"))
	ok("ContainerDeployments.DeleteDeployment", service.DeleteDeployment(ctx, "llm", 0))
}

func secrets(client *verda.Client) {
	service := client.ContainerDeployments
	ok("ContainerDeployments.CreateSecret", service.CreateSecret(ctx, &verda.CreateSecretRequest{Name: "s", Value: "v"}))
	got[[]verda.Secret]("ContainerDeployments.GetSecrets")(service.GetSecrets(ctx))
	ok("ContainerDeployments.DeleteSecret", service.DeleteSecret(ctx, "s", true))
	files := []verda.FileSecretFile{{Name: "a", Base64Content: "YQ=="}}
	ok("ContainerDeployments.CreateFileSecret",
		service.CreateFileSecret(ctx, &verda.CreateFileSecretRequest{Name: "f", Files: files}))
	got[[]verda.FileSecret]("ContainerDeployments.GetFileSecrets")(service.GetFileSecrets(ctx))
	ok("ContainerDeployments.DeleteFileSecret", service.DeleteFileSecret(ctx, "f", true))
	ok("ContainerDeployments.CreateRegistryCredentials", service.CreateRegistryCredentials(ctx,
		&verda.CreateRegistryCredentialsRequest{Name: "hub", Type: "dockerhub", Username: "me", AccessToken: "hush"}))
	got[[]verda.RegistryCredentials]("ContainerDeployments.GetRegistryCredentials")(service.GetRegistryCredentials(ctx))
	ok("ContainerDeployments.DeleteRegistryCredentials", service.DeleteRegistryCredentials(ctx, "hub", true))
}

func jobs(client *verda.Client) {
	service := client.ServerlessJobs
	got[*verda.JobDeployment]("ServerlessJobs.CreateJobDeployment")(service.CreateJobDeployment(ctx,
		&verda.CreateJobDeploymentRequest{
			Name: "train", Compute: &verda.ContainerCompute{Name: "H100", Size: 1},
			Containers: []verda.CreateDeploymentContainer{{Image: "docker.io/me/job:1", ExposedPort: 80}},
			Scaling:    &verda.JobScalingOptions{MaxReplicaCount: 1, QueueMessageTTLSeconds: 300, DeadlineSeconds: 3600},
		}))
	got[[]verda.JobDeploymentShortInfo]("ServerlessJobs.GetJobDeployments")(service.GetJobDeployments(ctx))
	got[*verda.JobDeployment]("ServerlessJobs.GetJobDeploymentByName")(service.GetJobDeploymentByName(ctx, "train"))
	status := got[*verda.JobDeploymentStatus]("ServerlessJobs.GetJobDeploymentStatus")(service.GetJobDeploymentStatus(ctx, "train"))
	equal("ServerlessJobs.GetJobDeploymentStatus", status.Status, "running")
	got[*verda.JobScalingOptions]("ServerlessJobs.GetJobDeploymentScaling")(service.GetJobDeploymentScaling(ctx, "train"))
	got[*verda.JobDeployment]("ServerlessJobs.UpdateJobDeployment")(service.UpdateJobDeployment(ctx, "train",
		&verda.UpdateJobDeploymentRequest{
			Scaling: &verda.JobScalingOptions{MaxReplicaCount: 2, QueueMessageTTLSeconds: 300, DeadlineSeconds: 3600},
		}))
	ok("ServerlessJobs.PauseJobDeployment", service.PauseJobDeployment(ctx, "train"))
	ok("ServerlessJobs.ResumeJobDeployment", service.ResumeJobDeployment(ctx, "train"))
	ok("ServerlessJobs.PurgeJobDeploymentQueue", service.PurgeJobDeploymentQueue(ctx, "train"))
	ok("ServerlessJobs.DeleteJobDeployment", service.DeleteJobDeployment(ctx, "train", 0))
	for len(got[[]verda.JobDeploymentShortInfo]("ServerlessJobs.GetJobDeployments")(service.GetJobDeployments(ctx))) > 0 {
		time.Sleep(200 * time.Millisecond)
	}
}

func keysAndScripts(client *verda.Client, keyID string) {
	keys, scripts := client.SSHKeys, client.StartupScripts
	got[[]verda.SSHKey]("SSHKeys.GetAllSSHKeys")(keys.GetAllSSHKeys(ctx))
	equal("SSHKeys.GetSSHKeyByID", got[*verda.SSHKey]("SSHKeys.GetSSHKeyByID")(keys.GetSSHKeyByID(ctx, keyID)).Name, "laptop")
	ok("SSHKeys.DeleteSSHKey", keys.DeleteSSHKey(ctx, keyID))
	ok("SSHKeys.DeleteMultipleSSHKeys", keys.DeleteMultipleSSHKeys(ctx, []string{keyID}))
	script := got[*verda.StartupScript]("StartupScripts.AddStartupScript")(
		scripts.AddStartupScript(ctx, &verda.CreateStartupScriptRequest{Name: "setup", Script: "true"}))
	got[[]verda.StartupScript]("StartupScripts.GetAllStartupScripts")(scripts.GetAllStartupScripts(ctx))
	got[*verda.StartupScript]("StartupScripts.GetStartupScriptByID")(scripts.GetStartupScriptByID(ctx, script.ID))
	ok("StartupScripts.DeleteStartupScript", scripts.DeleteStartupScript(ctx, script.ID))
	ok("StartupScripts.DeleteMultipleStartupScripts", scripts.DeleteMultipleStartupScripts(ctx, []string{script.ID}))
}
